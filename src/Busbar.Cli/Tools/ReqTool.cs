// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>mctp-req: one echo request, and the comparison of what comes back. Waits without limit.</summary>
internal sealed class ReqTool : ITool
{
    private Eid _eid = new(8);
    private uint _network = 1;
    private int _index;
    private PhysicalAddress? _address;
    private byte[] _request = EchoFormat.Request(1);

    public string Grammar => "[eid N] [net N] [ifindex N lladdr HEX[:HEX]...] [len N] [data HEX[:HEX]...]";

    public void Read(MctpWords words)
    {
        int? length = null;
        byte[]? data = null;
        while (words.TakeIfAny() is { } word)
        {
            switch (word)
            {
                case "eid": _eid = words.TakeEid(); break;
                case "net": _network = words.TakeNumber("the network"); break;
                case "ifindex": _index = (int)Math.Min(words.TakeNumber("the interface index"), int.MaxValue); break;
                case "lladdr": _address = words.TakeAddress(); break;
                case "len": length = words.TakeLength(EchoFormat.MostData); break;
                case "data": data = words.TakeBytes(); break;
                default: throw new MctpFailure($"'{word}' is not known here");
            }
        }

        if ((_index != 0) != (_address is not null)) throw new MctpFailure("'ifindex' and 'lladdr' belong together");
        if (length is not null && data is not null && length != data.Length) throw new MctpFailure($"'len {length}' contradicts {data.Length} bytes of 'data'");
        _request = data is not null ? EchoFormat.Request(data) : EchoFormat.Request(length ?? 1);
    }

    public int Run(IMctpSocketSource source, TextWriter output, CancellationToken stop)
    {
        using var socket = new RequestSocket(source);
        var to = new MctpEndPoint(_eid, EchoFormat.Type, MctpTag.Owner, _network, _index, _address ?? default);
        output.WriteLine($"req:  sending to (net {_network}, eid {_eid}), type {EchoFormat.Type}");
        if (_address is { } address) output.WriteLine($"      ifindex {_index} lladdr {MctpLines.Address(address)} len {address.Length}");
        output.Flush();
        if (!socket.TryAsk(_request, to, Timeout.InfiniteTimeSpan)) throw new MctpFailure("the request was lost: its link went down");
        MctpEndPoint from = socket.Answer.From;
        output.WriteLine($"req:  message from (net {from.Network}, eid {from.Eid}) type {from.Type} len {socket.Answer.Length}");
        if (socket.Answer.Length != _request.Length) throw new MctpFailure($"the answer has {socket.Answer.Length} bytes instead of {_request.Length}");
        int wrong = socket.Body.CommonPrefixLength(_request);
        return wrong == _request.Length ? 0 : throw new MctpFailure($"byte {wrong} of the answer is 0x{socket.Body[wrong]:x2} instead of 0x{_request[wrong]:x2}");
    }
}
