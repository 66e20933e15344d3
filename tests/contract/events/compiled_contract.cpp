#include "contract/events/compiled_contract.hpp"

#include <google/protobuf/descriptor.pb.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace carillon::testing {
namespace {

std::string protoc_output() {
  std::FILE* pipe = ::popen("protoc -Iproto --include_imports --descriptor_set_out=/dev/stdout proto/*.proto", "r");
  if (pipe == nullptr) throw std::runtime_error("protoc can't be started");
  std::string bytes;
  std::array<char, 4096> chunk;
  for (std::size_t got; (got = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) bytes.append(chunk.data(), got);
  if (::pclose(pipe) != 0) throw std::runtime_error("protoc refuses proto/*.proto, or is not installed");
  return bytes;
}

}  // namespace

CompiledContract::CompiledContract() : pool_(&database_) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromString(protoc_output())) throw std::runtime_error("protoc wrote no descriptor set");
  for (const google::protobuf::FileDescriptorProto& file : set.file()) {
    database_.Add(file);
    if (!file.name().starts_with("google/")) files_.push_back(file.name());
  }
}

}  // namespace carillon::testing
