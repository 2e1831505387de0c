// Keys and certificates made for a test, and files that hold them.

#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace headroom::net {

struct FreeOpenSsl {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeOpenSsl>;

struct Identity {
  Owned<EVP_PKEY> key;
  Owned<X509> certificate;
};

// A certificate for `subject`, signed by `issuer`, or by itself as an authority.
inline Identity Issue(const char* subject, const char* names, const Identity* issuer) {
  Identity made{Owned<EVP_PKEY>(EVP_EC_gen("P-256")), Owned<X509>(X509_new())};
  X509* const certificate = made.certificate.get();
  const Identity& signer = issuer != nullptr ? *issuer : made;
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), issuer != nullptr ? 2 : 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  const auto extend = [&](int kind, const char* value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, issuer != nullptr ? "CA:FALSE" : "critical,CA:TRUE");
  if (names != nullptr) extend(NID_subject_alt_name, names);
  X509_sign(certificate, signer.key.get(), EVP_sha256());
  return made;
}

// A PEM file that goes with the test.
class PemFile {
 public:
  explicit PemFile(const std::string& text) : path_(testing::TempDir() + "headroom_tls_XXXXXX") {
    const int fd = ::mkstemp(path_.data());
    EXPECT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(fd);
  }
  explicit PemFile(X509* certificate) : PemFile("") {
    const Owned<std::FILE> file(std::fopen(path_.c_str(), "w"));
    PEM_write_X509(file.get(), certificate);
  }
  explicit PemFile(EVP_PKEY* key, const char* pass_phrase = nullptr) : PemFile("") {
    const Owned<std::FILE> file(std::fopen(path_.c_str(), "w"));
    PEM_write_PrivateKey(file.get(), key, pass_phrase == nullptr ? nullptr : EVP_aes_128_cbc(), nullptr, 0, nullptr,
                         const_cast<char*>(pass_phrase));
  }
  ~PemFile() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace headroom::net
