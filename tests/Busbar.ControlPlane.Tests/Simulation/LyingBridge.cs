// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>A device that claims to be a bridge and cannot be trusted in one respect.</summary>
internal sealed class LyingBridge
{
    private readonly WorldNode _node;
    private readonly TroubleTests.Lie _lie;
    private Eid _eid;

    public LyingBridge(World world, SimulatedMedium medium, byte address, TroubleTests.Lie lie)
    {
        _lie = lie;
        _node = world.AddNode("liar");
        _node.Connect(medium, address);
        _node.Host.RequestArrived += Answer;
    }

    public int Asked { get; private set; }

    private void Answer(in ControlRequest request, ReadOnlySpan<byte> body)
    {
        Asked++;
        if (!ControlHeader.TryParse(body, out ControlHeader header)) return;
        byte[]? data = DataFor(header.Command, body[ControlHeader.Size..]);
        if (data is null) return;
        byte[] answer = new byte[ControlHeader.Size + data.Length];
        header.ToResponse().Emit(answer);
        data.CopyTo(answer, ControlHeader.Size);
        _node.Host.Reply(request, answer);
    }

    // With the completion code in front; null for silence.
    private byte[]? DataFor(ControlCommand command, ReadOnlySpan<byte> request)
    {
        if (_lie == TroubleTests.Lie.EverythingFails && command != ControlCommand.GetEndpointId) return [0x01, 0xFF, 0xFF];
        switch (command)
        {
            case ControlCommand.SetEndpointId:
                return SetEid(new Eid(request[1]));
            case ControlCommand.GetEndpointId:
                return [0, _eid.Value, 0x10, 0];
            case ControlCommand.GetEndpointUuid:
                return [0, .. new byte[15], _lie == TroubleTests.Lie.UuidChanges ? (byte)Asked : (byte)1];
            case ControlCommand.GetMessageTypeSupport:
                return _lie == TroubleTests.Lie.TypesAreCutShort ? [0, 200, 0] : [0, 1, 0];
            case ControlCommand.AllocateEndpointIds:
                return Allocate(request[1], request[2]);
            case ControlCommand.GetRoutingTableEntries:
                return Table(request[0]);
            case ControlCommand.RoutingInformationUpdate:
                return [0];
            default:
                return [5];
        }
    }

    private byte[] SetEid(Eid wanted)
    {
        _eid = _lie switch
        {
            TroubleTests.Lie.SetEidNamesTheTop => new Eid(BridgedNetwork.TopEid),
            TroubleTests.Lie.SetEidNamesTheBroadcast => Eid.Broadcast,
            _ => wanted,
        };
        if (_eid.IsAssignable) _node.Stack.SetAddress(_node.Links[0], _eid);
        return [0, 0x01, _eid.Value, 255];
    }

    private byte[]? Allocate(byte count, byte first) => _lie switch
    {
        TroubleTests.Lie.AllocateEchoesAnotherStart => [0, 0, count, (byte)(first + 1)],
        TroubleTests.Lie.AllocateEchoesAnotherSize => [0, 0, 255, first],
        TroubleTests.Lie.AllocateIsRejected => [0, 1, 3, 200],
        TroubleTests.Lie.AllocateIsNeverAnswered => null,
        TroubleTests.Lie.AllocateIsCutShort => [0, 0],
        _ => [0, 0, count, first],
    };

    // Handle 0 again and again; all EIDs there are, as its own; a count without entries.
    private byte[] Table(byte handle) => _lie switch
    {
        TroubleTests.Lie.TableHasNoEnd => [0, (byte)(handle == 0 ? 1 : 0), 1, 1, (byte)(_eid.Value + 1), 0, 1, 1, 1, 0x20],
        TroubleTests.Lie.TableNamesOthers => [0, 0xFF, 2, 247, 8, 0xC0, 1, 1, 1, 0x20, 247, 8, 0x40, 1, 1, 1, 0x20],
        TroubleTests.Lie.TableIsNonsense => [0, 0xFF, 200, 0, 0, 0, 0, 0, 255],
        _ => [0, 0xFF, 1, 1, _eid.Value, 0x80, 1, 1, 1, 0x20],
    };
}
