// Made by tools/approximations.py, which says what these are.
// clang-format off
#pragma once

namespace chainrule {

inline constexpr float mills_single[] = {
    0x1.e4aa012a28d3ep+0f,
    -0x1.8615d94263778p+0f,
    0x1.f0d984d793230p-1f,
    -0x1.dec341ae826f8p-2f,
    0x1.360cfb10be0c8p-3f,
    -0x1.35903fc84bb1cp-6f,
    -0x1.1dd56e42dacd3p-7f,
    0x1.0a75ab9d3ab41p-8f,
    0x1.5f4b130d9cb5ap-12f,
    -0x1.1b4e566617ec9p-11f,
    -0x1.23328ac48c195p-18f,
    0x1.bd6acd3d56691p-15f,
};

inline constexpr double mills_double[] = {
    0x1.e4aa012912ddep+0,
    -0x1.8615d9b49165dp+0,
    0x1.f0d9856bc3b06p-1,
    -0x1.dec30ee67938ap-2,
    0x1.360ce26020d0bp-3,
    -0x1.35aa3c94c74d5p-6,
    -0x1.1dcfea7a3db7bp-7,
    0x1.0be6d6600f13bp-8,
    0x1.5e7b1c3a41ac2p-12,
    -0x1.2fb4303ac8902p-11,
    -0x1.4101b8a1e95d2p-18,
    0x1.717f37b549921p-14,
    0x1.e2580ead0dbd7p-20,
    -0x1.f1f8b97a7a1dcp-17,
    -0x1.a82b445824c54p-20,
    0x1.5806279ac1acap-19,
    0x1.7026ca9cac401p-21,
    -0x1.a538bf81c3a8cp-22,
    -0x1.dbc4c5630a982p-23,
    0x1.3b06872eeec34p-25,
    0x1.eba6be035ce4ap-25,
    0x1.edad7c56566fbp-29,
    -0x1.89a8f151bc0afp-27,
    -0x1.266f51078dd87p-29,
    0x1.b3d109260dcddp-30,
    0x1.43f849edad800p-32,
    -0x1.ef903b3bde852p-34,
};

}  // namespace chainrule
