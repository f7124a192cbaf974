#pragma once

#include <memory>
#include <span>

#include "lab/import/torch.h"

namespace regard {

/// The initialisers of an ONNX file by the names that it gives them, numbers in 16 to 64 bits floating point
/// among them; the graph itself is ignored. Throws Error if the file is damaged or stores its tensors outside
/// of it.
ForeignTensors read_onnx_file(const std::filesystem::path& path);

/// The same from bytes in memory, which live as long as `owner`; `where` names them in messages.
ForeignTensors read_onnx(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner,
                         const std::string& where);

}  // namespace regard
