#include "store/sealer.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>

namespace headroom::store {
namespace {

constexpr std::string_view kCheck = "headroom sealing check";

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const uint8_t* Bytes(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }
uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// "" for what is none.
std::string FromHex(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

// Of 32 bytes: 43 digits and '='.
std::string FromBase64(std::string_view text) {
  if (text.size() != 44 || text.back() != '=' || text[42] == '=') return {};
  std::string bytes(33, '\0');
  if (EVP_DecodeBlock(Bytes(bytes), Bytes(text), 44) != 33) return {};
  bytes.pop_back();
  return bytes;
}

}  // namespace

Sealer::Sealer(std::string_view key) : key_() { std::copy_n(Bytes(key), kKeyBytes, key_.begin()); }

Result<std::shared_ptr<const Sealer>> Sealer::FromText(std::string_view key) {
  const std::string bytes = key.size() == 2 * kKeyBytes ? FromHex(key) : FromBase64(key);
  if (bytes.size() != kKeyBytes) {
    return Status(Code::kInvalidArgument, "the encryption key is not 64 hexadecimal digits or 32 bytes in base64");
  }
  return std::shared_ptr<const Sealer>(new Sealer(bytes));
}

bool Sealer::Seal(std::string_view plain, std::string_view about, std::string& sealed) const {
  const Context context(EVP_CIPHER_CTX_new());
  sealed.assign(kNonceBytes + plain.size() + kTagBytes, '\0');
  uint8_t* const out = Bytes(sealed);
  int size = 0;
  const bool done =
      context != nullptr && plain.size() < INT32_MAX && RAND_bytes(out, kNonceBytes) == 1 &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), out) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(about), static_cast<int>(about.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), out + kNonceBytes, &size, Bytes(plain), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), out + kNonceBytes + plain.size(), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, out + kNonceBytes + plain.size()) == 1;
  if (!done) sealed.clear();
  return done;
}

bool Sealer::Open(std::string_view sealed, std::string_view about, std::string& plain) const {
  if (sealed.size() < kNonceBytes + kTagBytes || sealed.size() > INT32_MAX) return false;
  const Context context(EVP_CIPHER_CTX_new());
  const std::string_view nonce = sealed.substr(0, kNonceBytes);
  const std::string_view text = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  plain.assign(text.size() + 1, '\0');  // so that there is an address where there is no text
  int size = 0;
  const bool opened =
      context != nullptr &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), Bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(about), static_cast<int>(about.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Bytes(plain), &size, Bytes(text), static_cast<int>(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Bytes(plain) + text.size(), &size) == 1;
  plain.resize(opened ? text.size() : 0);
  return opened;
}

namespace {

// Version 3 is version 2 with sealed rows: a program that cannot read them leaves it alone.
Disk BeginSealing(Connection& connection, const Sealer& sealer) {
  std::string check;
  if (!sealer.Seal(kCheck, kCheck, check)) return Disk::kError;
  Disk disk = connection.Execute("BEGIN IMMEDIATE");
  if (disk != Disk::kOk) return disk;
  Statement insert;
  disk = connection.Execute(
      "CREATE TABLE IF NOT EXISTS sealing(one INTEGER PRIMARY KEY CHECK(one = 1), sealed BLOB NOT NULL)");
  if (disk == Disk::kOk) {
    disk = connection.Prepare("INSERT INTO sealing VALUES(1, ?1) ON CONFLICT(one) DO NOTHING", insert);
  }
  if (disk == Disk::kOk) {
    insert.BindBlob(1, check);
    disk = insert.Run();
  }
  if (disk == Disk::kOk) disk = connection.Execute("PRAGMA user_version = 3");
  if (disk == Disk::kOk) disk = connection.Execute("COMMIT");
  if (disk != Disk::kOk) (void)connection.Execute("ROLLBACK");
  return disk;
}

}  // namespace

Disk CheckSealing(Connection& connection, const Sealer* sealer, Sealing& sealing) {
  sealing = Sealing::kFits;
  int64_t sealed = 0;
  Disk disk = connection.QueryInteger("SELECT count(*) FROM sqlite_schema WHERE name = 'sealing'", sealed);
  if (disk != Disk::kOk || (sealed == 0 && sealer == nullptr)) return disk;
  if (sealed == 0) disk = BeginSealing(connection, *sealer);
  Statement select;
  if (disk == Disk::kOk) disk = connection.Prepare("SELECT sealed FROM sealing", select);
  if (disk != Disk::kOk) return disk;
  disk = select.Step();
  if (disk != Disk::kRow) return disk == Disk::kOk ? Disk::kCorrupt : disk;
  std::string check;
  if (sealer == nullptr) {
    sealing = Sealing::kNoKey;
  } else if (!sealer->Open(select.Bytes(0), kCheck, check) || check != kCheck) {
    sealing = Sealing::kWrongKey;
  }
  select.Reset();
  return Disk::kOk;
}

}  // namespace headroom::store
