// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>The same request several times, and what became of each.</summary>
internal sealed class RequestRun
{
    private readonly RequestSocket _socket;
    private readonly byte[] _request;
    private readonly MctpEndPoint _to;
    private readonly bool _isEcho;
    private readonly TimeSpan _timeout;
    private readonly List<RequestAnswer> _answers = [];
    private readonly List<double> _times = [];
    private int _sent;
    private int _lost;
    private int _wrong;

    public RequestRun(RequestSocket socket, byte[] request, in MctpEndPoint to, bool isEcho, TimeSpan timeout)
    {
        _socket = socket;
        _request = request;
        _to = to;
        _isEcho = isEcho;
        _timeout = timeout;
    }

    /// <summary>Asks once.</summary>
    public RequestAnswer Ask()
    {
        _sent++;
        if (!_socket.TryAsk(_request, _to, _timeout))
        {
            _lost++;
            return new RequestAnswer(_sent, "lost");
        }

        MctpEndPoint from = _socket.Answer.From;
        bool isRight = from.Type.Value == _to.Type.Value && !_socket.Answer.Truncated && (!_isEcho || _socket.Body.SequenceEqual(_request));
        if (isRight) _times.Add(_socket.Microseconds);
        else _wrong++;
        return new RequestAnswer(_sent, isRight ? (_isEcho ? "intact" : "answered") : "wrong")
        {
            Network = from.Network,
            Eid = from.Eid.Value,
            Type = from.Type.Raw,
            Length = _socket.Answer.Length,
            Us = Math.Round(_socket.Microseconds, 1),
            Data = _isEcho ? null : Hex.Format(_socket.Body),
        };
    }

    /// <summary>Keeps an answer for the report, up to so many.</summary>
    public void Keep(RequestAnswer answer, int most)
    {
        if (_answers.Count < most) _answers.Add(answer);
    }

    /// <summary>The figures.</summary>
    public RequestReport Report(string link)
    {
        _times.Sort();
        return new RequestReport
        {
            Ok = _sent > 0 && _lost == 0 && _wrong == 0,
            Link = link,
            Type = _to.Type.Raw,
            Length = _request.Length,
            Sent = _sent,
            Answered = _times.Count,
            Lost = _lost,
            Wrong = _wrong,
            MinUs = Part(0),
            P50Us = Part(0.5),
            P99Us = Part(0.99),
            MaxUs = Part(1),
            Answers = _answers,
        };
    }

    private double? Part(double part) => _times.Count == 0 ? null : Math.Round(_times[(int)Math.Round(part * (_times.Count - 1))], 1);
}
