#include "lab/render/vrml_nodes.h"

#include <algorithm>
#include <cctype>

#include "regard/core/error.h"

namespace regard {

namespace {

constexpr int kDeepest = 64;
constexpr std::string_view kHeader = "#VRML V2.0";

/// Splits text into words, strings (without their quotes) and brackets; blanks, commas and comments lie
/// between.
class VrmlWords {
 public:
  VrmlWords(std::string_view text, std::string where) : text_(text), where_(std::move(where)) { advance(); }

  std::string_view peek() const { return word_; }
  bool is_quoted() const { return quoted_; }
  bool at_end() const { return ended_; }
  bool is(std::string_view word) const { return !quoted_ && !ended_ && word_ == word; }

  std::string_view take() {
    if (ended_) throw Error("file ends within a node", where());
    const auto word = word_;
    advance();
    return word;
  }

  void expect(std::string_view word) {
    if (!is(word)) throw Error("VRML cannot be read", where(), std::string(word), std::string(word_));
    advance();
  }

  std::string where() const {
    const auto line =
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(begin_), '\n') + 1;
    return where_ + ":" + std::to_string(line);
  }

 private:
  static bool is_blank(char c) { return c == ',' || std::isspace(static_cast<unsigned char>(c)); }
  static bool is_bracket(char c) { return c == '{' || c == '}' || c == '[' || c == ']'; }

  void skip() {
    while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == '#'))
      at_ = text_[at_] == '#' ? std::min(text_.find('\n', at_), text_.size()) : at_ + 1;
  }

  void advance() {
    skip();
    begin_ = at_;
    quoted_ = false;
    ended_ = at_ == text_.size();
    if (ended_) {
      word_ = {};
    } else if (text_[at_] == '"') {
      take_string();
    } else {
      take_word();
    }
  }

  void take_string() {
    auto end = text_.find('"', at_ + 1);
    while (end != std::string_view::npos && text_[end - 1] == '\\') end = text_.find('"', end + 1);
    if (end == std::string_view::npos) throw Error("string has no end", where());
    word_ = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    quoted_ = true;
  }

  void take_word() {
    const auto is_end = [](char c) { return is_blank(c) || is_bracket(c) || c == '#' || c == '"'; };
    ++at_;
    if (!is_bracket(text_[begin_]))
      while (at_ < text_.size() && !is_end(text_[at_])) ++at_;
    word_ = text_.substr(begin_, at_ - begin_);
  }

  std::string_view text_, word_;
  std::string where_;
  std::size_t at_ = 0, begin_ = 0;
  bool quoted_ = false, ended_ = false;
};

using NodePtr = std::shared_ptr<const VrmlNode>;

class Parser {
 public:
  Parser(std::string_view text, const std::string& where) : words_(text, where) {}

  std::vector<NodePtr> all() {
    std::vector<NodePtr> nodes;
    while (!words_.at_end()) {
      if (words_.is("ROUTE")) {
        for (int i = 0; i < 4; ++i) words_.take();  // ROUTE a TO b
        continue;
      }
      nodes.push_back(node(0));
    }
    return nodes;
  }

 private:
  /// Whether a node, or what stands for one, comes next; everything else in a field is a value.
  bool begins_node() const {
    const auto word = words_.peek();
    return !words_.is_quoted() && !word.empty() && std::isupper(static_cast<unsigned char>(word[0])) &&
           word != "TRUE" && word != "FALSE" && word != "NULL";
  }

  bool begins_field() const {
    const auto word = words_.peek();
    return !words_.is_quoted() && !word.empty() && std::islower(static_cast<unsigned char>(word[0]));
  }

  NodePtr node(int depth) {
    if (depth > kDeepest) throw Error("VRML nodes are too deep", words_.where(), std::to_string(kDeepest));
    if (words_.is("USE")) return used();
    std::string name;
    if (words_.is("DEF")) {
      words_.take();
      name = words_.take();
    }
    if (!begins_node() || words_.is("PROTO") || words_.is("EXTERNPROTO"))
      throw Error("VRML cannot be read", words_.where(), "a node", std::string(words_.peek()));
    auto made = std::make_shared<VrmlNode>();
    made->type = words_.take();
    words_.expect("{");
    while (!words_.is("}")) {
      if (!begins_field())
        throw Error("VRML cannot be read", words_.where(), "a field or }", std::string(words_.peek()));
      const std::string field(words_.take());
      made->fields[field] = value(depth);
    }
    words_.expect("}");
    if (!name.empty()) defined_[name] = made;
    return made;
  }

  NodePtr used() {
    words_.take();
    const auto where = words_.where();
    const std::string name(words_.take());
    const auto found = defined_.find(name);
    if (found == defined_.end()) throw Error("VRML uses a name that is not defined", where, {}, name);
    return found->second;
  }

  VrmlValue value(int depth) {
    VrmlValue value;
    if (!words_.is("[")) {
      if (begins_node())
        value.nodes.push_back(node(depth + 1));
      else
        while (!words_.at_end() && !words_.is("}") && !begins_field()) value.words.push_back(scalar());
      return value;
    }
    words_.expect("[");
    while (!words_.is("]")) {
      if (begins_node())
        value.nodes.push_back(node(depth + 1));
      else
        value.words.push_back(scalar());
    }
    words_.expect("]");
    return value;
  }

  std::string_view scalar() {
    for (const char* bracket : {"{", "}", "["})
      if (words_.is(bracket)) throw Error("VRML cannot be read", words_.where(), "a value", bracket);
    return words_.take();
  }

  VrmlWords words_;
  std::map<std::string, NodePtr> defined_;
};

}  // namespace

const std::vector<std::string_view>& VrmlNode::words(std::string_view field) const {
  static const std::vector<std::string_view> kNone;
  const auto found = fields.find(field);
  return found == fields.end() ? kNone : found->second.words;
}

const VrmlNode* VrmlNode::node(std::string_view field) const {
  const auto found = fields.find(field);
  return found == fields.end() || found->second.nodes.empty() ? nullptr : found->second.nodes.front().get();
}

std::vector<NodePtr> read_vrml_nodes(std::string_view text, const std::string& where) {
  if (!text.starts_with(kHeader))
    throw Error("file is no VRML 2.0", where, std::string(kHeader),
                std::string(text.substr(0, std::min(text.find_first_of("\r\n"), std::size_t{20}))));
  return Parser(text, where).all();
}

}  // namespace regard
