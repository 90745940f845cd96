// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Fuzz;

/// <summary>The kernel's address structures.</summary>
internal sealed class SockaddrTarget : IFuzzTarget
{
    public string Name => "sockaddr";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        byte[] bytes = new byte[MctpEndPoint.ExtendedSize];
        int length = new MctpEndPoint(new Eid(9), MessageType.Pldm, MctpTag.Owner, 3).WriteSockaddr(bytes);
        yield return ("plain", bytes[..length]);
        length = new MctpEndPoint(new Eid(9), MessageType.Pldm, MctpTag.Preallocated(3), 1, 7, new PhysicalAddress([1, 2, 3])).WriteSockaddr(bytes);
        yield return ("extended", bytes[..length]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        Check(input);
        if (input.Length > MctpEndPoint.Size) Check(input[..MctpEndPoint.Size]);
        if (input.Length > MctpEndPoint.ExtendedSize) Check(input[..MctpEndPoint.ExtendedSize]);
    }

    private static void Check(ReadOnlySpan<byte> input)
    {
        if (!MctpEndPoint.TryReadSockaddr(input, out MctpEndPoint endPoint)) return;
        Span<byte> written = stackalloc byte[MctpEndPoint.ExtendedSize];
        int length = endPoint.WriteSockaddr(written);
        FuzzViolationException.Require(MctpEndPoint.TryReadSockaddr(written[..length], out MctpEndPoint again), "what was written can be read");
        FuzzViolationException.Require(!endPoint.IsExtended || again == endPoint, "an extended address survives");
        FuzzViolationException.Require((again.Eid, again.Network, again.Type, again.Tag) == (endPoint.Eid, endPoint.Network, endPoint.Type, endPoint.Tag), "a plain address survives");
    }
}
