// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Bindings.Tests;

/// <summary>What a receiver with the weakness of Linux makes of our lines.</summary>
public sealed class ResynchronisationTests
{
    private static readonly byte[] s_frame = Frame(Sample.Request);

    [Theory]
    [InlineData("7e")]
    [InlineData("7e 01 f0 7e")]
    public void Noise_ThatLeavesTheReceiverOutOfStep_MakesItDeafWithoutTheBurst(string noise)
    {
        var receiver = new LinuxReceiverModel();
        receiver.Receive(s_frame);
        receiver.Receive(Sample.Bytes(noise));
        for (int i = 0; i < 1000; i++) receiver.Receive(s_frame);
        Assert.Single(receiver.Packets);

        receiver.Receive(SerialFrame.Resynchronisation);
        receiver.Receive(s_frame);
        Assert.Equal(2, receiver.Packets.Count);
    }

    [Fact]
    public void Burst_BehindAnyNoise_CostsNoFrame()
    {
        int deaf = 0;
        for (int seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            byte[] favourites = [0x7E, 0x7D, 0x01, 0x00, 0x4A, 0x4B];
            byte[] noise = [.. Enumerable.Range(0, random.Next(0, 200)).Select(_ => random.Next(2) == 0 ? favourites[random.Next(favourites.Length)] : (byte)random.Next(256))];
            var receiver = new LinuxReceiverModel();
            receiver.Receive(noise);
            for (int i = 0; i < 3; i++) receiver.Receive(s_frame);
            if (receiver.Packets.Count == 0 || !receiver.Packets[^1].SequenceEqual(Sample.Request)) deaf++;
            receiver.Receive(SerialFrame.Resynchronisation);
            receiver.Receive(s_frame);
            int before = receiver.Packets.Count;
            Assert.True(before > 0 && receiver.Packets[^1].SequenceEqual(Sample.Request), $"seed {seed}");
            receiver.Receive(SerialFrame.Resynchronisation);
            receiver.Receive(s_frame);
            Assert.Equal(before + 1, receiver.Packets.Count);
        }

        Assert.InRange(deaf, 50, 2500);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Burst_InAnyState_CostsNoFrameAndNeverOverflowsTheReceiver(bool isRepaired)
    {
        foreach ((LinuxReceiverModel.Stage Stage, int Place, int Length) state in LinuxReceiverModel.States())
        {
            foreach (ushort check in (ushort[])[0, 0xFFFF, 0x1234])
            {
                var receiver = new LinuxReceiverModel(isRepaired);
                receiver.Enter(state, check);

                receiver.Receive(SerialFrame.Resynchronisation);
                receiver.Receive(s_frame);
                receiver.Receive(SerialFrame.Resynchronisation);
                receiver.Receive(s_frame);

                Assert.False(receiver.HasOverflowed, $"{state}");
                Assert.True(receiver.Packets.Count(packet => packet.SequenceEqual(Sample.Request)) == 2, $"{state}");
            }
        }
    }

    [Fact]
    public void EmptyFrame_AtAReceiverThatWasNotRepaired_OverflowsIt()
    {
        var receiver = new LinuxReceiverModel(isRepaired: false);

        receiver.Receive([0x7E, 0x01, 0x00]);
        for (int i = 0; i < 20; i++) receiver.Receive(s_frame);

        Assert.True(receiver.HasOverflowed);
    }

    [Fact]
    public void Link_WithBurstsInBetween_LosesNothingToSuchAReceiver()
    {
        var line = new ByteLine();
        var link = new SerialLink("a");
        link.Open(line.A, 1);
        var random = new Random(3);
        var sent = new List<byte[]>();
        for (int i = 0; i < 500; i++)
        {
            byte[] packet = Sample.Packet(random, random.Next(5, 69));
            sent.Add(packet);
            Assert.True(link.Write(default, MctpHeader.Read(packet), packet.AsSpan(4), default));
            if (random.Next(5) == 0) link.Resynchronise();
            link.Flush();
        }

        var receiver = new LinuxReceiverModel();
        receiver.Receive([.. line.A.Written]);
        Assert.Equal(sent, receiver.Packets);
    }

    private static byte[] Frame(byte[] packet)
    {
        byte[] frame = new byte[SerialFrame.LargestSize(packet.Length)];
        return frame[..SerialFrame.Write(MctpHeader.Read(packet), packet.AsSpan(4), default, frame)];
    }
}
