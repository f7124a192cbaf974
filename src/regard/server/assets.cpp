#include "regard/server/assets.h"

#include <array>

#include "regard/server/asset_texts.h"

namespace regard {

std::span<const Asset> server_assets() {
  static const std::array kAssets{Asset{"/", "text/html; charset=utf-8", kPageHtml},
                                  Asset{"/page.css", "text/css; charset=utf-8", kPageCss},
                                  Asset{"/page.js", "text/javascript; charset=utf-8", kPageJs},
                                  Asset{"/openapi.json", "application/json", kOpenApi}};
  return kAssets;
}

}  // namespace regard
