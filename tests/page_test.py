"""Drives the page of `regard serve` in a headless Chromium: files, paste, camera, keyboard, small screens, dark mode.

usage: page_test.py --program build/regard [--screenshots FOLDER] [--chromium PROGRAM] [--axe axe.min.js] [unittest's arguments]

It needs playwright (pip) and Chromium; it is skipped without them. With axe-core's script (npm) accessibility is checked by it.
"""

import argparse
import pathlib
import shutil
import struct
import sys
import tempfile
import unittest

from serve_test import ASTRONAUT, HOPPER, Options, Served

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None

SKIPPED = 77  # for ctest
CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


class Browser:
    program = screenshots = axe = None


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = cls.enterClassContext(Served("--quiet", "--formats", "JPEG,PNG,WebP,TIFF"))
        cls.playwright = cls.enterClassContext(sync_playwright())
        cls.chromium = cls.playwright.chromium.launch(executable_path=Browser.program, args=["--no-sandbox", *CAMERA])
        cls.addClassCleanup(cls.chromium.close)

    def open(self, served=None, width=1280, height=900, **options):
        context = self.chromium.new_context(viewport={"width": width, "height": height}, accept_downloads=True, **options)
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(30000)
        self.troubles = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.troubles.append(message.text))
        page.goto(f"http://127.0.0.1:{(served or self.served).port}/")
        return page

    def choose(self, page, *files):
        page.set_input_files("#files", [str(file) for file in files])
        for file in files:
            page.get_by_role("heading", name=pathlib.Path(file).name, exact=True).wait_for()

    def shoot(self, page, name):
        if Browser.screenshots:
            page.screenshot(path=str(Browser.screenshots / f"{name}.png"), full_page=True)

    def test_chosen_images_are_shown_with_all_that_was_found(self):
        page = self.open()
        self.shoot(page, "empty")
        self.choose(page, ASTRONAUT, HOPPER)
        self.assertEqual(page.locator("#model").inner_text(), "ferplus-mobilenet")
        self.assertIn("looks like happiness", page.locator("article", has_text="astronaut.png").locator("h3").inner_text())
        article = page.locator("article", has_text="astronaut.png")
        self.assertEqual(article.locator(".bars dt").count(), 8)
        box = article.locator("svg rect").first
        self.assertAlmostEqual(float(box.get_attribute("x")), 180, delta=3)
        self.assertRegex(article.inner_text(), r"Head: facing the camera, level, upright\.")
        article.locator("summary").click()
        article.get_by_role("button", name="Without each region").click()
        article.get_by_role("columnheader", name="without it").wait_for()
        row = article.locator("tbody tr").first
        row.focus()
        self.assertEqual(article.locator("svg polygon.region").count(), 1)
        self.shoot(page, "wide")
        self.assertEqual(self.troubles, [])

    def test_the_table_is_copied_and_saved(self):
        page = self.open(permissions=["clipboard-read", "clipboard-write"])
        self.choose(page, ASTRONAUT)
        self.assertEqual(page.locator("#table tbody tr").count(), 1)
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as CSV").click()
        lines = pathlib.Path(download.value.path()).read_text().splitlines()
        self.assertTrue(lines[0].startswith("file,face,x,y,width,height,score,yaw,pitch,roll,expression,neutral,happiness"))
        self.assertTrue(lines[1].startswith("astronaut.png,1,180"))
        page.get_by_role("button", name="Copy the table").click()
        page.get_by_text("The table is in the clipboard.").wait_for()
        self.assertEqual(page.evaluate("navigator.clipboard.readText()").splitlines()[1].split("\t")[0], "astronaut.png")
        page.get_by_role("button", name="Remove all").click()
        self.assertTrue(page.locator("#all").is_hidden())

    def hand_over(self, page, kind, file):
        """Drops or pastes a file."""
        page.evaluate("""([kind, bytes, name]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
            const event = kind === "drop" ? new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})
                                          : new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
            document.getElementById("drop").dispatchEvent(event);
        }""", [kind, list(file.read_bytes()), f"{kind}.png"])
        page.get_by_role("heading", name=f"{kind}.png", exact=True).wait_for()

    def test_images_are_dropped_and_pasted(self):
        page = self.open()
        self.hand_over(page, "drop", ASTRONAUT)
        self.hand_over(page, "paste", ASTRONAUT)
        self.assertEqual(page.locator("article").count(), 2)
        self.assertEqual(self.troubles, [])

    def test_the_camera(self):
        page = self.open(permissions=["camera"])
        page.get_by_role("button", name="Use the camera").click()
        page.get_by_text("no face").wait_for()  # the fake device shows a clock
        self.assertEqual(page.evaluate("document.activeElement.id"), "take")
        page.get_by_role("button", name="Take this picture").click()
        page.locator("article").wait_for()
        self.assertIn("No face was found", page.locator("article").inner_text())
        page.get_by_role("button", name="Stop the camera").click()
        self.assertTrue(page.locator("#live").is_hidden())
        self.assertFalse(page.evaluate("Boolean(stream)"))
        self.assertEqual(self.troubles, [])

    def test_by_keyboard(self):
        page = self.open()
        seen = []
        for _ in range(4):
            page.keyboard.press("Tab")
            seen.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        self.assertEqual(seen[:3], ["skip", "choose", "camera"])
        page.locator("#choose").focus()
        page.evaluate("byId('files').addEventListener('click', event => { event.preventDefault(); window.asked = true; })")
        page.keyboard.press("Enter")  # the system's own window for files cannot be driven
        self.assertTrue(page.evaluate("window.asked"))
        page.set_input_files("#files", str(ASTRONAUT))
        page.locator("article").wait_for()
        page.locator("summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.tagName"), "TR")
        self.assertEqual(page.locator("svg polygon.region").count(), 1)

    def test_on_a_small_screen(self):
        page = self.open(width=390, height=844)
        self.choose(page, HOPPER)
        page.locator("summary").click()
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 390)
        self.shoot(page, "small")

    def test_in_the_dark(self):
        page = self.open(color_scheme="dark")
        self.choose(page, ASTRONAUT)
        self.shoot(page, "dark")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        self.assertLess(sum(map(int, ground[4:-1].split(","))), 150)

    def test_what_is_wrong_is_said(self):
        page = self.open()
        page.set_input_files("#files", [{"name": "notes.png", "mimeType": "image/png", "buffer": b"no image"}])
        page.get_by_text("notes.png: is not an image that can be read").wait_for()
        self.assertEqual(page.locator("article").count(), 0)

    def test_names_are_text(self):
        page = self.open()
        name = "<img src=x onerror=alert(1)>.png"
        page.set_input_files("#files", [{"name": name, "mimeType": "image/png", "buffer": ASTRONAUT.read_bytes()}])
        page.get_by_role("heading", name=name, exact=True).wait_for()
        self.assertEqual(page.locator("img[src=x]").count(), 0)

    def test_formats_that_browsers_cannot_show(self):
        page = self.open()
        page.set_input_files("#files", str(self.tiff()))
        page.locator("article").wait_for()
        self.assertGreater(page.evaluate("document.querySelector('article img').naturalWidth"), 0)

    def tiff(self):
        """An uncompressed grey TIFF."""
        width = height = 64
        entries = [(256, 3, 1, width), (257, 3, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
                   (277, 3, 1, 1), (278, 3, 1, height), (279, 4, 1, width * height)]
        data = b"II*\0" + struct.pack("<I", 8 + width * height) + bytes(width * height) + struct.pack("<H", len(entries))
        data += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name, "grey.tif")
        path.write_bytes(data)
        return path

    def test_a_token_is_asked_for(self):
        with tempfile.TemporaryDirectory() as folder:
            token = pathlib.Path(folder, "token")
            token.write_text("a-secret-of-this-test")
            token.chmod(0o600)
            with Served("--quiet", "--token-file", token) as served:
                page = self.open(served)
                page.set_input_files("#files", str(ASTRONAUT))
                page.locator("#token").fill("a-secret-of-this-test")
                page.keyboard.press("Enter")
                page.locator("article").wait_for()

    def test_axe_has_nothing_to_say(self):
        if not Browser.axe:
            self.skipTest("wants --axe node_modules/axe-core/axe.min.js")
        for scheme in ("light", "dark"):
            page = self.open(color_scheme=scheme)
            self.choose(page, ASTRONAUT)
            page.locator("summary").click()
            page.evaluate(Browser.axe.read_text())
            found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
            self.assertEqual(found, [], scheme)

    def test_everything_has_a_name(self):
        page = self.open()
        self.choose(page, ASTRONAUT)
        nameless = page.evaluate("""() => [...document.querySelectorAll("button, input:not([hidden]), img, section, video")]
            .filter(e => !(e.textContent.trim() || e.ariaLabel || e.alt || e.labels?.length || e.getAttribute("aria-labelledby")))
            .map(e => e.outerHTML)""")
        self.assertEqual(nameless, [])
        self.assertEqual(page.locator("h1").count(), 1)
        self.assertEqual(page.locator("[role=status]").count(), 1)


def chromium():
    return Browser.program or shutil.which("chromium") or shutil.which("chromium-browser")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path)
    parser.add_argument("--chromium")
    parser.add_argument("--screenshots", type=pathlib.Path)
    parser.add_argument("--axe", type=pathlib.Path)
    options, rest = parser.parse_known_args()
    Options.program = str(options.program.resolve())
    Browser.program, Browser.screenshots, Browser.axe = options.chromium, options.screenshots, options.axe
    Browser.program = chromium()
    if sync_playwright is None or Browser.program is None:
        print("skipped: wants playwright (pip install playwright) and chromium")
        sys.exit(SKIPPED)
    unittest.main(argv=["page_test.py", *rest])
