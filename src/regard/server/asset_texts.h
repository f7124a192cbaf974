#pragma once

namespace regard {

// Made from the files by CMake.
extern const char* const kPageHtml;
extern const char* const kPageCss;
extern const char* const kPageJs;
extern const char* const kOpenApi;

}  // namespace regard
