// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// Answers MCTP control requests the way a simple endpoint does (DSP0236, control protocol). EIDs that a bus owner assigns are applied to
/// the link that the request came in on. Commands of bridges and unknown ones are answered with "unsupported command", never with silence.
/// </summary>
/// <remarks>Register it with <see cref="MctpStack.SetService"/> for <see cref="MessageType.Control"/>. One responder serves all links of one stack.</remarks>
public sealed partial class ControlResponder : IMctpService
{
    private readonly ControlResponderOptions _options;
    private readonly Dictionary<MctpLink, LinkState> _states = [];
    private readonly byte[] _answer = new byte[ControlHeader.LargestMessage];

    /// <summary>Creates a responder.</summary>
    /// <param name="options">What it says about the endpoint.</param>
    public ControlResponder(ControlResponderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.StaticEid != Eid.Null && !options.StaticEid.IsAssignable)
            throw new ArgumentOutOfRangeException(nameof(options), options.StaticEid, "a static EID is 8 to 254");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MessageTypes.Count, MostListedTypes, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(options.VendorSets.Count, byte.MaxValue, nameof(options));
        foreach (IReadOnlyList<MctpVersion> versions in options.TypeVersions.Values)
            ArgumentOutOfRangeException.ThrowIfGreaterThan(versions.Count, MostListedVersions, nameof(options));
        _options = options;
    }

    /// <summary>Raised after a bus owner changed the EID of a link.</summary>
    public event Action<EidAssignment>? EidAssigned;

    /// <summary>Raised when an endpoint announces itself with Discovery Notify: sender and time.</summary>
    public event Action<MctpEndPoint, long>? DiscoveryNotified;

    /// <summary>What the responder says about the endpoint.</summary>
    public ControlResponderOptions Options => _options;

    /// <summary>Control requests answered.</summary>
    public long Answered { get; private set; }

    /// <summary>Whether an endpoint was discovered on a link: a bus owner assigned its EID, or set the flag, after the last preparation.</summary>
    /// <param name="link">The link.</param>
    public bool IsDiscovered(MctpLink link) => _states.TryGetValue(link, out LinkState? state) && state.IsDiscovered;

    /// <summary>Who assigned the EID of a link last; Resolve Endpoint ID requests go there.</summary>
    /// <param name="link">The link.</param>
    /// <returns>Null when nobody did.</returns>
    public MctpEndPoint? BusOwnerOf(MctpLink link) => _states.TryGetValue(link, out LinkState? state) ? state.BusOwner : null;

    /// <inheritdoc/>
    public void Handle(MctpStack stack, in MctpMessage message, long now)
    {
        ReadOnlySpan<byte> body = message.Body;

        // Combinations that the table of message classes does not have are not answered at all. That TO is set is known here.
        if (!ControlHeader.TryParse(body, out ControlHeader header) || !header.IsRequest || message.From.Type.HasIntegrityCheck
            || (message.Local == Eid.Broadcast && IsForOneOnly(header.Command)))
        {
            stack.CountDrop(message.Link, DropReason.BadControlMessage);
            return;
        }

        Span<byte> data = _answer.AsSpan(ControlHeader.ResponseSize);
        int length = 0;
        CompletionCode? code = Execute(stack, message, header.Command, body[ControlHeader.Size..], data, ref length, now);
        if (code is null || header.IsDatagram) return;

        // Nothing follows a completion code other than success: the length is 0 then.
        header.ToResponse().Emit(_answer);
        _answer[ControlHeader.Size] = (byte)code.Value;
        if (message.Reply(_answer.AsSpan(0, ControlHeader.ResponseSize + length))) Answered++;
    }

    // These change one endpoint; sent to everybody they would make a mess.
    private static bool IsForOneOnly(ControlCommand command) => command is ControlCommand.SetEndpointId or ControlCommand.AllocateEndpointIds;

    private LinkState StateOf(MctpLink link)
    {
        if (_states.TryGetValue(link, out LinkState? state)) return state;
        state = new LinkState();
        _states.Add(link, state);
        return state;
    }

    private sealed class LinkState
    {
        public bool IsDiscovered { get; set; }

        public MctpEndPoint? BusOwner { get; set; }
    }
}
