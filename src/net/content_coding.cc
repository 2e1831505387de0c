// Each coding is a Stage that turns input bytes into output bytes until one of
// the two runs out. A Chain pumps bytes through one or two stages by way of one
// fixed buffer each, so that what a few bytes may expand to is seen 64 KB at a
// time and the limit holds inside a call, too.

#include "net/content_coding.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "net/message.h"

namespace headroom::net {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
constexpr size_t kMaxCodings = 2;
// RFC 9659: the window of the "zstd" content coding is at most 8 MB.
constexpr int kZstdWindowLogMax = 23;

Status Corrupt(std::string detail) { return {Code::kInvalidArgument, std::move(detail)}; }

struct Progress {
  size_t consumed = 0;
  size_t produced = 0;
};

class Stage {
 public:
  virtual ~Stage() = default;
  // Runs until `input` is used up or `output` is full; called again with what
  // is left of the input. Error: kInvalidArgument.
  virtual Result<Progress> Run(std::string_view input, char* output, size_t capacity) = 0;
  virtual bool complete() const = 0;
};

// RFC 1952 with any number of members; RFC 1950; RFC 1951, which many servers
// send as "deflate".
class ZlibStage : public Stage {
 public:
  enum class Format { kGzip, kDeflate };

  explicit ZlibStage(Format format) : format_(format) {}
  ~ZlibStage() override {
    if (started_) inflateEnd(&stream_);
  }

  Result<Progress> Run(std::string_view input, char* output, size_t capacity) override {
    Progress progress;
    if (!started_) {
      progress.consumed = CollectHeader(input);
      if (header_.size() < HeaderBytes()) return progress;
      if (const Status status = Start(); !status.ok()) return status;
    }
    // What was collected goes first; only once it is used up does the input.
    if (!header_.empty()) {
      const Result<Progress> step = Inflate(header_, output, capacity);
      if (!step.ok()) return step;
      header_.erase(0, step->consumed);
      progress.produced = step->produced;
      if (!header_.empty()) return progress;
    }
    const Result<Progress> step =
        Inflate(input.substr(progress.consumed), output + progress.produced, capacity - progress.produced);
    if (!step.ok()) return step;
    return Progress{progress.consumed + step->consumed, progress.produced + step->produced};
  }

  bool complete() const override { return ended_; }

 private:
  size_t HeaderBytes() const { return format_ == Format::kDeflate ? 2 : 0; }

  size_t CollectHeader(std::string_view input) {
    const size_t take = std::min(input.size(), HeaderBytes() - header_.size());
    header_.append(input.substr(0, take));
    return take;
  }

  Status Start() {
    const int window_bits = format_ == Format::kGzip ? 15 + 16 : HasZlibHeader() ? 15 : -15;
    if (inflateInit2(&stream_, window_bits) != Z_OK) return {Code::kResourceExhausted, "inflateInit"};
    started_ = true;
    return {};
  }

  // RFC 1950 2.2. A raw stream that begins so would be a stored block with set
  // padding bits, which no encoder writes.
  bool HasZlibHeader() const {
    const unsigned cmf = static_cast<unsigned char>(header_[0]);
    const unsigned flags = static_cast<unsigned char>(header_[1]);
    return (cmf & 0x0f) == 8 && (cmf >> 4) <= 7 && (cmf * 256 + flags) % 31 == 0;
  }

  Result<Progress> Inflate(std::string_view input, char* output, size_t capacity) {
    Progress progress;
    while (progress.produced < capacity) {
      if (ended_) {
        if (progress.consumed == input.size()) break;
        if (format_ != Format::kGzip) return Corrupt("bytes after the end of the deflate stream");
        inflateReset(&stream_);
        ended_ = false;
      }
      const std::string_view rest = input.substr(progress.consumed);
      const size_t room = capacity - progress.produced;
      stream_.next_in = reinterpret_cast<z_const Bytef*>(const_cast<char*>(rest.data()));
      stream_.avail_in = static_cast<uInt>(rest.size());
      stream_.next_out = reinterpret_cast<Bytef*>(output + progress.produced);
      stream_.avail_out = static_cast<uInt>(room);
      const int code = inflate(&stream_, Z_NO_FLUSH);
      progress.consumed += rest.size() - stream_.avail_in;
      progress.produced += room - stream_.avail_out;
      if (code == Z_STREAM_END) {
        ended_ = true;
      } else if (code == Z_BUF_ERROR || code == Z_OK) {
        if (stream_.avail_out != 0) break;
      } else {
        return Corrupt(stream_.msg != nullptr ? stream_.msg : "inflate failed");
      }
    }
    return progress;
  }

  const Format format_;
  z_stream stream_{};
  std::string header_;  // bytes that decide how to start, not yet inflated
  bool started_ = false;
  bool ended_ = false;
};

// RFC 7932.
class BrotliStage : public Stage {
 public:
  Result<Progress> Run(std::string_view input, char* output, size_t capacity) override {
    if (decoder_ == nullptr) return Status(Code::kResourceExhausted, "brotli decoder");
    if (complete()) {
      if (!input.empty()) return Corrupt("bytes after the end of the brotli stream");
      return Progress{};
    }
    size_t available_in = input.size();
    const uint8_t* next_in = reinterpret_cast<const uint8_t*>(input.data());
    size_t available_out = capacity;
    uint8_t* next_out = reinterpret_cast<uint8_t*>(output);
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(decoder_.get(), &available_in, &next_in, &available_out, &next_out, nullptr);
    if (result == BROTLI_DECODER_RESULT_ERROR) {
      return Corrupt(BrotliDecoderErrorString(BrotliDecoderGetErrorCode(decoder_.get())));
    }
    return Progress{input.size() - available_in, capacity - available_out};
  }

  bool complete() const override {
    return decoder_ != nullptr && BrotliDecoderIsFinished(decoder_.get()) == BROTLI_TRUE;
  }

 private:
  struct Destroy {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliDecoderState, Destroy> decoder_{BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)};
};

// RFC 8878 with any number of frames.
class ZstdStage : public Stage {
 public:
  ZstdStage() {
    if (stream_ != nullptr) ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  }

  Result<Progress> Run(std::string_view input, char* output, size_t capacity) override {
    if (stream_ == nullptr) return Status(Code::kResourceExhausted, "zstd decoder");
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output, capacity, 0};
    while (out.pos < out.size) {
      if (in.pos == in.size && complete_) break;
      if (at_frame_start_ && in.pos < in.size && !StartsFrame(input[in.pos])) return Corrupt("not a zstd frame");
      const size_t before = in.pos + out.pos;
      const size_t hint = ZSTD_decompressStream(stream_.get(), &out, &in);
      if (ZSTD_isError(hint) != 0) return Corrupt(ZSTD_getErrorName(hint));
      complete_ = hint == 0;
      at_frame_start_ = complete_;
      if (in.pos + out.pos == before) break;
    }
    return Progress{in.pos, out.pos};
  }

  bool complete() const override { return complete_; }

 private:
  // First byte of the magic numbers of a frame and of a skippable one (RFC 8878
  // 3.1). The library may also read the formats before 1.0, whose decoders get
  // no data from the network here.
  static bool StartsFrame(char byte) { return byte == '\x28' || (byte & 0xf0) == 0x50; }

  struct Destroy {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Destroy> stream_{ZSTD_createDStream()};
  bool at_frame_start_ = true;
  bool complete_ = false;
};

using Sink = std::function<Status(std::string_view)>;

class Chain : public Decoder {
 public:
  // `stages` in the order of decoding; none for identity.
  Chain(std::vector<std::unique_ptr<Stage>> stages, size_t max_bytes_per_call)
      : stages_(std::move(stages)), buffers_(stages_.size()), max_bytes_per_call_(max_bytes_per_call) {
    for (auto& buffer : buffers_) buffer.reset(new char[kBufferBytes]);
  }

  Status Decode(std::string_view bytes, std::string& out) override {
    size_t room = max_bytes_per_call_;
    return DecodeTo(bytes, [&](std::string_view piece) -> Status {
      if (piece.size() > room) return {Code::kResourceExhausted, "one call decodes to too many bytes"};
      room -= piece.size();
      out.append(piece);
      return {};
    });
  }

  bool complete() const override {
    return std::all_of(stages_.begin(), stages_.end(), [](const auto& stage) { return stage->complete(); });
  }

  // An error of `sink` ends the decoding.
  Status DecodeTo(std::string_view bytes, const Sink& sink) {
    if (bytes.empty() || !failure_.ok()) return failure_;
    failure_ = Pump(0, bytes, sink);
    return failure_;
  }

 private:
  Status Pump(size_t index, std::string_view bytes, const Sink& sink) {
    if (index == stages_.size()) return sink(bytes);
    char* const buffer = buffers_[index].get();
    bool more = true;
    while (more) {
      const Result<Progress> step = stages_[index]->Run(bytes, buffer, kBufferBytes);
      if (!step.ok()) return step.status();
      if (step->consumed + step->produced == 0 && !bytes.empty()) return Corrupt("the decoder does not advance");
      bytes.remove_prefix(step->consumed);
      if (step->produced > 0) {
        const Status status = Pump(index + 1, {buffer, step->produced}, sink);
        if (!status.ok()) return status;
      }
      more = step->produced == kBufferBytes || !bytes.empty();
    }
    return {};
  }

  const std::vector<std::unique_ptr<Stage>> stages_;
  std::vector<std::unique_ptr<char[]>> buffers_;
  const size_t max_bytes_per_call_;
  Status failure_;
};

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

Result<std::unique_ptr<Chain>> MakeChain(std::string_view content_encoding, size_t max_bytes_per_call) {
  std::vector<std::unique_ptr<Stage>> stages;
  size_t codings = 0;
  while (!content_encoding.empty()) {
    const size_t comma = content_encoding.find(',');
    const std::string_view name = Trim(content_encoding.substr(0, comma));
    content_encoding.remove_prefix(comma == std::string_view::npos ? content_encoding.size() : comma + 1);
    if (name.empty()) continue;
    if (++codings > kMaxCodings) return Corrupt("more than two content codings");
    if (EqualsIgnoreCase(name, "gzip") || EqualsIgnoreCase(name, "x-gzip")) {
      stages.push_back(std::make_unique<ZlibStage>(ZlibStage::Format::kGzip));
    } else if (EqualsIgnoreCase(name, "deflate")) {
      stages.push_back(std::make_unique<ZlibStage>(ZlibStage::Format::kDeflate));
    } else if (EqualsIgnoreCase(name, "br")) {
      stages.push_back(std::make_unique<BrotliStage>());
    } else if (EqualsIgnoreCase(name, "zstd")) {
      stages.push_back(std::make_unique<ZstdStage>());
    } else if (!EqualsIgnoreCase(name, "identity")) {
      return Corrupt("unknown content coding");
    }
  }
  // Listed in the order they were applied.
  std::reverse(stages.begin(), stages.end());
  return std::make_unique<Chain>(std::move(stages), max_bytes_per_call);
}

}  // namespace

Result<std::unique_ptr<Decoder>> MakeDecoder(std::string_view content_encoding, size_t max_bytes_per_call) {
  Result<std::unique_ptr<Chain>> chain = MakeChain(content_encoding, max_bytes_per_call);
  if (!chain.ok()) return chain.status();
  return std::unique_ptr<Decoder>(std::move(*chain));
}

Result<PaddedBytes> DecodeBody(std::string_view content_encoding, std::string_view body, size_t limit_bytes) {
  const Result<std::unique_ptr<Chain>> chain = MakeChain(content_encoding, limit_bytes);
  if (!chain.ok()) return chain.status();
  PaddedBytes decoded;
  const Sink append = [&](std::string_view piece) -> Status {
    if (piece.size() > limit_bytes - decoded.size()) {
      return {Code::kResourceExhausted, "the decoded body exceeds its limit"};
    }
    decoded.Append(piece);
    return {};
  };
  const Status status = (*chain)->DecodeTo(body, append);
  if (!status.ok()) return status;
  if (!(*chain)->complete()) return Corrupt("the encoded body is incomplete");
  return decoded;
}

}  // namespace headroom::net
