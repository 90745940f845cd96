// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>The four bits and their names.</summary>
public sealed class StateTests
{
    [Theory]
    [InlineData(0x00000002u, 0x00000000u, "0x8 INIT_COMPLETED")]
    [InlineData(0x00000022u, 0x00000012u, "0xA NORMAL_RUNTIME")]
    [InlineData(0x00000002u, 0x00000001u, "0x9 INIT_MISMATCH")]
    [InlineData(0x00000000u, 0x00000000u, "0x0 INIT_IN_PROGRESS")]
    [InlineData(0x00000003u, 0x00000002u, "0xE RESET_REQ_BY_BMC")]
    [InlineData(0x00000002u, 0x00000003u, "0xB RESET_REQ_BY_HOST")]
    [InlineData(0x00000003u, 0x00000003u, "0xF RESET_ACKED")]
    [InlineData(0x00000001u, 0x00000003u, "0x7 TRANS_TO_INIT")]
    [InlineData(0x00000001u, 0x00000002u, "0x6 UNDEFINED")]
    [InlineData(0xFFFFFFFFu, 0xFFFFFFFFu, "0xF RESET_ACKED")]
    public void From_StatusWords_GivesTheNamedState(uint ros, uint rws, string expected) =>
        Assert.Equal(expected, MmbiState.From(ros, rws).ToString());
}
