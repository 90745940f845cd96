// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>A link's answer to the question whether a whole message fits.</summary>
public enum SendRoom
{
    /// <summary>It fits now.</summary>
    Now,

    /// <summary>It will fit when the peer has taken what is queued.</summary>
    Later,

    /// <summary>It never fits at once; it must be sent in parts.</summary>
    Never,

    /// <summary>The link is down.</summary>
    Down,
}
