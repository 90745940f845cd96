// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>
/// Lets so many notes through in a window of time and counts the rest, which it tells in one line at the window's end: some notes are about what peers send, and a peer can send without end.
/// </summary>
internal sealed class NoteGate : IDisposable
{
    /// <summary>Notes in a window: more than the largest network makes when all of it is set up at once.</summary>
    public const int Most = 1000;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly Action<ControlNote> _pass;
    private ITimer? _ending;
    private long _began;
    private int _passed;
    private long _heldBack;

    public NoteGate(TimeProvider time, Action<ControlNote> pass)
    {
        _time = time;
        _pass = pass;
        _began = time.GetTimestamp();
    }

    public void Take(in ControlNote note)
    {
        // Whoever has every query shown wants all of it.
        if (note.Severity == NoteSeverity.Debug)
        {
            _pass(note);
            return;
        }

        if (_heldBack == 0 && _time.GetElapsedTime(_began) >= Window) Begin();
        if (_passed < Most)
        {
            _passed++;
            _pass(note);
            return;
        }

        _heldBack++;
        TimeSpan left = Window - _time.GetElapsedTime(_began);
        _ending ??= _time.CreateTimer(static gate => ((NoteGate)gate!).End(), this, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _ending?.Dispose();
        _ending = null;
    }

    private void Begin()
    {
        _began = _time.GetTimestamp();
        _passed = 0;
    }

    private void End()
    {
        Dispose();
        long heldBack = _heldBack;
        _heldBack = 0;
        Begin();
        if (heldBack != 0) _pass(new ControlNote(NoteSeverity.Warning, $"{heldBack} more lines like the last ones were left out within {Window.TotalSeconds:0} s"));
    }
}
