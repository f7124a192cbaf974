#include "regard/clip/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

const std::vector<Episode> kEvents{
    {.person = 2, .label = 1, .onset = 1.25, .apex = 1.5, .offset = 2.0004, .peak = .875f},
    {.person = 1, .label = 0, .onset = 3, .apex = 3, .offset = 4, .peak = 1}};

const EventContext kContext{.labels = {"neutral", "a <&> b"},
                            .method = "Made \"so\".",
                            .clip = "/clips/one & two.mp4",
                            .file = "/tables/events.eaf",
                            .date = "2026-03-01T09:30:00Z"};

TEST(EventsTest, ARowForEachAsCsv) {
  EXPECT_EQ(event_format("events.csv").text(kEvents, kContext),
            "face_id,expression,onset,apex,offset,duration,peak\n"
            "2,a <&> b,1.250,1.500,2.000,0.750,0.875000\n"
            "1,neutral,3.000,3.000,4.000,1.000,1.000000\n");
}

TEST(EventsTest, ADocumentOfElan) {
  EXPECT_EQ(
      event_format("events.eaf").text(kEvents, kContext),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<ANNOTATION_DOCUMENT AUTHOR=\"regard\" DATE=\"2026-03-01T09:30:00Z\" FORMAT=\"3.0\" VERSION=\"3.0\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xsi:noNamespaceSchemaLocation=\"http://www.mpi.nl/tools/elan/EAFv3.0.xsd\">\n"
      "<HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\">\n"
      "<MEDIA_DESCRIPTOR MEDIA_URL=\"file:///clips/one%20%26%20two.mp4\" MIME_TYPE=\"video/*\" "
      "RELATIVE_MEDIA_URL=\"../clips/one &amp; two.mp4\"/>\n"
      "<PROPERTY NAME=\"method\">Made &quot;so&quot;.</PROPERTY>\n"
      "<PROPERTY NAME=\"lastUsedAnnotationId\">2</PROPERTY>\n</HEADER>\n"
      "<TIME_ORDER>\n"
      "<TIME_SLOT TIME_SLOT_ID=\"ts1\" TIME_VALUE=\"1250\"/>\n"
      "<TIME_SLOT TIME_SLOT_ID=\"ts2\" TIME_VALUE=\"2000\"/>\n"
      "<TIME_SLOT TIME_SLOT_ID=\"ts3\" TIME_VALUE=\"3000\"/>\n"
      "<TIME_SLOT TIME_SLOT_ID=\"ts4\" TIME_VALUE=\"4000\"/>\n"
      "</TIME_ORDER>\n"
      "<TIER LINGUISTIC_TYPE_REF=\"expression\" PARTICIPANT=\"person 1\" TIER_ID=\"person 1: neutral\">\n"
      "<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a2\" TIME_SLOT_REF1=\"ts3\" TIME_SLOT_REF2=\"ts4\">"
      "<ANNOTATION_VALUE>neutral 100 %, apex 3.000 s</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n"
      "</TIER>\n"
      "<TIER LINGUISTIC_TYPE_REF=\"expression\" PARTICIPANT=\"person 2\" TIER_ID=\"person 2: a &lt;&amp;&gt; "
      "b\">\n"
      "<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a1\" TIME_SLOT_REF1=\"ts1\" TIME_SLOT_REF2=\"ts2\">"
      "<ANNOTATION_VALUE>a &lt;&amp;&gt; b 88 %, apex 1.500 s</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION>"
      "</ANNOTATION>\n"
      "</TIER>\n"
      "<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID=\"expression\" TIME_ALIGNABLE=\"true\" "
      "GRAPHIC_REFERENCES=\"false\"/>\n</ANNOTATION_DOCUMENT>\n");
}

TEST(EventsTest, AVideoInTheSameFolder) {
  auto context = kContext;
  context.file = "/clips/events.eaf", context.method.clear();
  const auto text = event_format("events.eaf").text({}, context);
  EXPECT_THAT(text, testing::HasSubstr("RELATIVE_MEDIA_URL=\"./one &amp; two.mp4\""));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("method")));
}

TEST(EventsTest, UnknownKind) {
  EXPECT_EQ(test::error_of([] { event_format("a.xml"); }),
            "a.xml: unknown kind of file of events; expected .csv, .eaf, got .xml");
}

TEST(EventsTest, TheDateIsThatOfXmlSchema) {
  EXPECT_THAT(utc_date(), testing::MatchesRegex("20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-9:]+Z"));
}

}  // namespace
}  // namespace regard
