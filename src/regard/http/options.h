#pragma once

#include <cstdint>

namespace regard {

/// What an HttpServer allows its clients. Times are in seconds.
struct HttpOptions {
  int max_connections = 2048;
  int max_per_address = 64;
  int max_header = 8192;
  int max_body = 32 * 1024 * 1024;
  std::int64_t max_bodies = 512 * 1024 * 1024;
  int header_time = 5;
  int body_time = 10;
  int min_rate = 64 * 1024;
  int answer_time = 60;
  int idle_time = 15;
  int requests_per_connection = 100;
  int drain_time = 30;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("max_connections", max_connections, "open connections; further ones are answered with 503");
    visit("max_per_address", max_per_address, "open connections of one address other than this machine's");
    visit("max_header", max_header, "bytes of a request's header");
    visit("max_body", max_body, "bytes of a request's body");
    visit("max_bodies", max_bodies, "bytes of all bodies that are held at the same time");
    visit("header_time", header_time, "seconds in which a header must have arrived");
    visit("body_time", body_time,
          "seconds that a body or an answer may take beyond its size over --min-rate");
    visit("min_rate", min_rate, "bytes a second that a client must send or take on average");
    visit("answer_time", answer_time, "seconds after which an unanswered request is answered with 503");
    visit("idle_time", idle_time, "seconds that a connection may be idle between two requests");
    visit("requests_per_connection", requests_per_connection, "requests after which a connection is closed");
    visit("drain_time", drain_time, "seconds in which the last requests are answered when the server stops");
  }
};

}  // namespace regard
