#pragma once

// The only place the version is written; CMake reads it from here.
#define SWITCHYARD_VERSION "0.1.0"
