#include "proxy/image_size.h"

#include <array>

namespace headroom::proxy {
namespace {

constexpr size_t kFirstBytes = 64;

uint32_t Byte(std::string_view bytes, size_t at) { return static_cast<unsigned char>(bytes[at]); }

uint32_t BigEndian(std::string_view bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | Byte(bytes, at + i);
  return value;
}

uint32_t LittleEndian(std::string_view bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = count; i > 0; --i) value = value << 8 | Byte(bytes, at + i - 1);
  return value;
}

std::optional<ImageSize> Checked(uint32_t width, uint32_t height) {
  if (width == 0 || height == 0 || width > ImageSize::kMaxPixels || height > ImageSize::kMaxPixels) return std::nullopt;
  return ImageSize{width, height};
}

bool IsJpeg(std::string_view bytes) { return bytes.starts_with("\xff\xd8"); }

std::optional<ImageSize> ReadJpeg(std::string_view bytes) {
  size_t at = 2;
  while (at + 4 <= bytes.size()) {
    if (Byte(bytes, at) != 0xff) return std::nullopt;
    const uint32_t marker = Byte(bytes, at + 1);
    if (marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {  // no length
      at += 2;
      continue;
    }
    const bool is_frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (is_frame) {
      if (at + 9 > bytes.size()) return std::nullopt;
      return Checked(BigEndian(bytes, at + 7, 2), BigEndian(bytes, at + 5, 2));
    }
    const uint32_t length = BigEndian(bytes, at + 2, 2);
    if (marker == 0xd9 || marker == 0xda || length < 2) return std::nullopt;
    at += 2 + length;
  }
  return std::nullopt;
}

std::optional<ImageSize> ReadWebp(std::string_view bytes) {
  if (bytes.size() < 30) return std::nullopt;
  const std::string_view kind = bytes.substr(12, 4);
  if (kind == "VP8X") return Checked(1 + LittleEndian(bytes, 24, 3), 1 + LittleEndian(bytes, 27, 3));
  if (kind == "VP8L") {
    const uint32_t bits = LittleEndian(bytes, 21, 4);
    return Checked(1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff));
  }
  if (kind == "VP8 ") return Checked(LittleEndian(bytes, 26, 2) & 0x3fff, LittleEndian(bytes, 28, 2) & 0x3fff);
  return std::nullopt;
}

int Sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

}  // namespace

std::optional<ImageSize> ReadImageSize(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n") && bytes.size() >= 24) {
    return Checked(BigEndian(bytes, 16, 4), BigEndian(bytes, 20, 4));
  }
  if (bytes.starts_with("GIF8") && bytes.size() >= 10) {
    return Checked(LittleEndian(bytes, 6, 2), LittleEndian(bytes, 8, 2));
  }
  if (bytes.starts_with("RIFF") && bytes.size() >= 16 && bytes.substr(8, 4) == "WEBP") return ReadWebp(bytes);
  return IsJpeg(bytes) ? ReadJpeg(bytes.substr(0, kMaxImageHeaderBytes)) : std::nullopt;
}

std::optional<ImageSize> ReadImageSizeBase64(std::string_view base64) {
  const std::string first = DecodeBase64Prefix(base64, kFirstBytes);
  return IsJpeg(first) ? ReadImageSize(DecodeBase64Prefix(base64, kMaxImageHeaderBytes)) : ReadImageSize(first);
}

std::string DecodeBase64Prefix(std::string_view base64, size_t max_bytes) {
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : base64) {
    if (bytes.size() == max_bytes) break;
    if (c == '\n' || c == '\r' || c == ' ') continue;
    const int sextet = Sextet(c);
    if (sextet < 0) break;
    bits = bits << 6 | static_cast<uint32_t>(sextet);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count & 0xff));
  }
  return bytes;
}

}  // namespace headroom::proxy
