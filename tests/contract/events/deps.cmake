set(DEPS protobuf::libprotobuf Boost::headers)
