// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Fuzz;

/// <summary>Feeds a target with seeds and what mutation makes of them, until time is up or something breaks.</summary>
internal sealed class FuzzRun
{
    private const int WatchIntervalMs = 20;

    private readonly IFuzzTarget _target;
    private readonly IReadOnlyList<byte[]> _seeds;
    private readonly int _seed;
    private readonly TimeSpan _inputLimit;
    private byte[] _current = [];
    private long _number;
    private long _startedAt;
    private volatile bool _stop;

    /// <summary>Prepares a run.</summary>
    /// <param name="target">What to feed.</param>
    /// <param name="seeds">Good inputs, at least one.</param>
    /// <param name="seed">Decides every input.</param>
    /// <param name="inputLimit">How long one input may take.</param>
    public FuzzRun(IFuzzTarget target, IReadOnlyList<byte[]> seeds, int seed, TimeSpan inputLimit)
    {
        _target = target;
        _seeds = seeds;
        _seed = seed;
        _inputLimit = inputLimit;
    }

    /// <summary>Inputs that were fed.</summary>
    public long Inputs => Volatile.Read(ref _number);

    /// <summary>The input of a number: first the seeds as they are, then mutations.</summary>
    /// <param name="number">From 0.</param>
    public byte[] InputAt(long number)
    {
        if (number < _seeds.Count) return _seeds[(int)number];
        var random = new Random(unchecked(_seed + (int)(number * 0x9E3779B1L)));
        return Mutator.Mutate(_seeds[random.Next(_seeds.Count)], _seeds, random);
    }

    /// <summary>Runs; the seeds are always fed, however short the time.</summary>
    /// <param name="time">How long.</param>
    /// <returns>What broke, or null.</returns>
    public FuzzFinding? For(TimeSpan time)
    {
        FuzzFinding? finding = null;
        Volatile.Write(ref _startedAt, Stopwatch.GetTimestamp());
        var worker = new Thread(() => finding = Feed(time)) { IsBackground = true, Name = "fuzz " + _target.Name };
        worker.Start();
        while (!worker.Join(WatchIntervalMs))
        {
            if (Stopwatch.GetElapsedTime(Volatile.Read(ref _startedAt)) <= _inputLimit) continue;

            // The thread cannot be stopped and is left behind; the process ends soon.
            _stop = true;
            return new FuzzFinding(_target.Name, _seed, _number, Volatile.Read(ref _current), $"took longer than {_inputLimit.TotalSeconds:0.#} s");
        }

        return finding;
    }

    private FuzzFinding? Feed(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        for (; !_stop && (_number < _seeds.Count || Stopwatch.GetElapsedTime(start) < time); Volatile.Write(ref _number, _number + 1))
        {
            byte[] input = InputAt(_number);
            Volatile.Write(ref _current, input);
            if (MappingWatch.IsFatal) Keep(input);
            Volatile.Write(ref _startedAt, Stopwatch.GetTimestamp());
            try
            {
                _target.Run(input);
            }
            catch (Exception broken)
            {
                return new FuzzFinding(_target.Name, _seed, _number, input, $"{broken.GetType().Name}: {broken.Message} {Place(broken)}");
            }
        }

        return null;
    }

    // Where whoever finds the process dead can take it from.
    private void Keep(byte[] input)
    {
        string folder = Path.Combine(FuzzFinding.Folder, _target.Name);
        if (_number == 0) Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "current.bin"), input);
    }

    private static string Place(Exception broken) => broken.StackTrace?.Split('\n')[0].Trim() ?? "";
}
