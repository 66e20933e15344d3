# carillon_embed_web(target namespace dir): makes <binary dir>/generated/<last part of namespace>_web.hpp with every
# file below dir as a std::string_view: `inline constexpr carillon::http::StaticFile files[]` {path, content type, bytes}.
function(carillon_embed_web target namespace dir)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${dir}/*)
  string(REGEX REPLACE ".*::" "" stem ${namespace})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated/${stem}_web.hpp)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAMESPACE=${namespace} -DDIR=${dir} "-DFILES=${files}"
            -P ${CMAKE_SOURCE_DIR}/cmake/write_embedded_web.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/write_embedded_web.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
  target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_BINARY_DIR}/generated)
endfunction()
