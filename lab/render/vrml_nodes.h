#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The nodes of a VRML 2.0 file (ISO/IEC 14772-1:1997), whatever their types are.
namespace regard {

struct VrmlNode;

/// A field's value: the words and quoted strings, or the nodes, that it consists of.
struct VrmlValue {
  std::vector<std::string_view> words;
  std::vector<std::shared_ptr<const VrmlNode>> nodes;
};

struct VrmlNode {
  std::string type;
  std::map<std::string, VrmlValue, std::less<>> fields;

  /// The words of a field; none if it is not there.
  const std::vector<std::string_view>& words(std::string_view field) const;
  /// The first node of a field; null if it is not there.
  const VrmlNode* node(std::string_view field) const;
};

/// The nodes at the top of the file. Words are parts of `text`, which has to outlive them. Throws Error, with
/// the line behind `where`, for another version of VRML, brackets that do not match, a name that is used and
/// not defined, prototypes, and nodes more than 64 deep.
std::vector<std::shared_ptr<const VrmlNode>> read_vrml_nodes(std::string_view text, const std::string& where);

}  // namespace regard
