// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>A method call that somebody made. It is answered once, at once or later, in the connection's thread.</summary>
public sealed class DbusCall
{
    private readonly DbusConnection _connection;
    private readonly SdBusMessageHandle _message;
    private readonly bool _isRehearsal;

    internal DbusCall(DbusConnection connection, SdBusMessageHandle message, bool isRehearsal = false)
    {
        _connection = connection;
        _message = message;
        _isRehearsal = isRehearsal;
        Path = DbusReader.Text(NativeSdBus.GetPath(message)) ?? "/";
        Interface = DbusReader.Text(NativeSdBus.GetInterface(message));
        Member = DbusReader.Text(NativeSdBus.GetMember(message)) ?? "";
        Sender = DbusReader.Text(NativeSdBus.GetSender(message)) ?? "";
        Arguments = new DbusReader(message);
    }

    /// <summary>The object that was called.</summary>
    public string Path { get; }

    /// <summary>The interface; null when the caller leaves it open, as D-Bus allows.</summary>
    public string? Interface { get; }

    /// <summary>The method.</summary>
    public string Member { get; }

    /// <summary>The caller's unique name.</summary>
    public string Sender { get; }

    /// <summary>The arguments. To be read before the first await of a handler: they go when the call is answered, or the connection ends.</summary>
    public DbusReader Arguments { get; }

    /// <summary>True when an answer was given.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Answers. A call that was answered already stays as it is.</summary>
    /// <param name="write">Writes the results; null for none.</param>
    public void Reply(Action<DbusWriter>? write = null)
    {
        if (IsAnswered) return;
        if (NativeSdBus.GetExpectReply(_message) > 0) _connection.SendReply(_message, write, _isRehearsal);
        End();
    }

    /// <summary>Answers with an error. A call that was answered already stays as it is.</summary>
    /// <param name="name">The error's name.</param>
    /// <param name="message">The error's text.</param>
    public void Fail(string name, string message)
    {
        if (IsAnswered) return;
        if (!_isRehearsal) _connection.Statistics.ErrorsAnswered++;
        if (NativeSdBus.GetExpectReply(_message) > 0) _connection.SendError(_message, name, message, _isRehearsal);
        End();
    }

    /// <summary>Nobody can get an answer any more.</summary>
    internal void Abandon()
    {
        if (!IsAnswered) End();
    }

    private void End()
    {
        IsAnswered = true;
        _message.Dispose();
    }
}
