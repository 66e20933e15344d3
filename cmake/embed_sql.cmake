# carillon_embed_sql(target namespace dir): makes <binary dir>/generated/<last part of namespace>.hpp from
# dir/*.sql (one query a file, the file's name is the query's name) and dir/migrations/NNN_name.sql (in order).
function(carillon_embed_sql target namespace dir)
  file(GLOB queries CONFIGURE_DEPENDS ${dir}/*.sql)
  file(GLOB migrations CONFIGURE_DEPENDS ${dir}/migrations/*.sql)
  string(REGEX REPLACE ".*::" "" stem ${namespace})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated/${stem}.hpp)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAMESPACE=${namespace} "-DQUERIES=${queries}" "-DMIGRATIONS=${migrations}"
            -P ${CMAKE_SOURCE_DIR}/cmake/write_embedded_sql.cmake
    DEPENDS ${queries} ${migrations} ${CMAKE_SOURCE_DIR}/cmake/write_embedded_sql.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
  target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_BINARY_DIR}/generated)
endfunction()
