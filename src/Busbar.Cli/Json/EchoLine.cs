// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>A message that an echo server took. What: responding, ignored (it is no echo request), no answer (there was no way to send one).</summary>
internal sealed record EchoLine(uint Network, int Eid, int Tag, int Type, int Length, string What)
{
    /// <summary>The line of mctp-echo.</summary>
    public string ToText() => $"echo: message from (net {Network}, eid {Eid}), tag {Tag}, type 0x{Type:x2}: len {Length}, {What}";
}
