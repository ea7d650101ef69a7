# cmake -DCOMPILER= -DINCLUDES= -DSOURCE= -P compile.cmake: SOURCE must compile, or, if a line `// expected: REGEX`
# stands in it, must fail with exactly that.
list(TRANSFORM INCLUDES PREPEND -I)
execute_process(COMMAND "${COMPILER}" -std=c++20 -fsyntax-only ${INCLUDES} "${SOURCE}"
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
file(STRINGS "${SOURCE}" expected REGEX "^// expected: " LIMIT_COUNT 1)
if(NOT expected)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${SOURCE} does not compile:\n${output}")
  endif()
  return()
endif()
string(REPLACE "// expected: " "" expected "${expected}")
if(result EQUAL 0)
  message(FATAL_ERROR "${SOURCE} compiles; it must not")
endif()
if(NOT output MATCHES "${expected}")
  message(FATAL_ERROR "${SOURCE} fails for another reason than '${expected}':\n${output}")
endif()
