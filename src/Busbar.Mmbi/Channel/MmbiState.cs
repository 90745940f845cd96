// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>The state of an instance as both sides see it: the four bits {B_UP, B_RST, H_UP, H_RST} (DSP0282, state table).</summary>
/// <param name="Code">The four bits, B_UP highest.</param>
public readonly record struct MmbiState(byte Code)
{
    private const int OwnerUp = 0x8;
    private const int OwnerReset = 0x4;
    private const int HostUp = 0x2;
    private const int HostReset = 0x1;

    /// <summary>0x0: the owner is not ready.</summary>
    public static MmbiState InitInProgress => new(0x0);

    /// <summary>0x7: both acknowledged a reset, the owner starts over.</summary>
    public static MmbiState TransToInit => new(0x7);

    /// <summary>0x8: the owner is ready, the host has not answered.</summary>
    public static MmbiState InitCompleted => new(0x8);

    /// <summary>0x9: the host refuses the descriptor.</summary>
    public static MmbiState InitMismatch => new(0x9);

    /// <summary>0xA: packets flow.</summary>
    public static MmbiState NormalRuntime => new(0xA);

    /// <summary>0xB: the host asks for a reset.</summary>
    public static MmbiState ResetRequestedByHost => new(0xB);

    /// <summary>0xE: the owner asks for a reset.</summary>
    public static MmbiState ResetRequestedByOwner => new(0xE);

    /// <summary>0xF: both agreed to a reset.</summary>
    public static MmbiState ResetAcknowledged => new(0xF);

    /// <summary>The name in DSP0282; codes outside the table are <c>UNDEFINED</c>.</summary>
    public string Name => Code switch
    {
        0x0 => "INIT_IN_PROGRESS",
        0x7 => "TRANS_TO_INIT",
        0x8 => "INIT_COMPLETED",
        0x9 => "INIT_MISMATCH",
        0xA => "NORMAL_RUNTIME",
        0xB => "RESET_REQ_BY_HOST",
        0xE => "RESET_REQ_BY_BMC",
        0xF => "RESET_ACKED",
        _ => "UNDEFINED",
    };

    /// <summary>Combines the flags of both structures.</summary>
    /// <param name="ros">Word 0 of Host_ROS.</param>
    /// <param name="rws">Word 0 of Host_RWS.</param>
    public static MmbiState From(uint ros, uint rws)
    {
        int code = 0;
        if ((ros & StatusWords.Up) != 0) code |= OwnerUp;
        if ((ros & StatusWords.Reset) != 0) code |= OwnerReset;
        if ((rws & StatusWords.Up) != 0) code |= HostUp;
        if ((rws & StatusWords.Reset) != 0) code |= HostReset;
        return new MmbiState((byte)code);
    }

    /// <summary>For people: <c>0xA NORMAL_RUNTIME</c>.</summary>
    public override string ToString() => $"0x{Code:X} {Name}";
}
