// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>mctp-client: one request of any type, and the bytes of its answer. Waits without limit.</summary>
internal sealed class ClientTool : ITool
{
    private Eid? _eid;
    private uint _network = 1;
    private MessageType? _type;
    private byte[]? _data;

    public string Grammar => "[net N] eid N type NAME|N data HEX [HEX]...";

    public void Read(MctpWords words)
    {
        while (_data is null && words.TakeIfAny() is { } word)
        {
            switch (word)
            {
                case "net": _network = words.TakeNumber("the network"); break;
                case "eid": _eid = words.TakeEid(); break;
                case "type": _type = words.TakeType(); break;
                case "data": _data = words.TakeAllBytes(); break;
                default: throw new MctpFailure($"'{word}' is not known here");
            }
        }

        if (_eid is null) throw new MctpFailure("'eid N' is missing");
        if (_type is null) throw new MctpFailure("'type NAME' is missing");
        if (_data is null) throw new MctpFailure("'data HEX' is missing");
    }

    public int Run(IMctpSocketSource source, TextWriter output, CancellationToken stop)
    {
        using var socket = new RequestSocket(source);
        var to = new MctpEndPoint(_eid!.Value, _type!.Value, MctpTag.Owner, _network);
        if (!socket.TryAsk(_data, to, Timeout.InfiniteTimeSpan)) throw new MctpFailure("the request was lost: its link went down");
        output.WriteLine(Hex.Format(socket.Body));
        return 0;
    }
}
