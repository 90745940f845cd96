// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Busbar.Pci.Tests;

public sealed class RegisterFileTests
{
    private const int Length = 32;

    [Fact]
    public void Write_EightBytes_IsTwoRegistersTheLowerFirst()
    {
        var order = new List<(int Register, uint Value, uint Lanes)>();
        RegisterFile file = new RegisterFile(16)
            .Add(8, onWrite: write => order.Add((8, write.Value, write.Lanes)))
            .Add(12, onWrite: write => order.Add((12, write.Value, write.Lanes)));

        file.Write(8, 8, 0x1111_2222_3333_4444);

        Assert.Equal([(8, 0x33334444u, uint.MaxValue), (12, 0x11112222u, uint.MaxValue)], order);
    }

    [Fact]
    public void Write_Narrow_ShowsItsHookTheLanesOnly()
    {
        var seen = new List<RegisterWrite>();
        RegisterFile file = new RegisterFile(8).Add(0, reset: 7, onRead: _ => 0, onWrite: seen.Add);

        file.Write(2, 1, 0xAB);

        Assert.Equal([new RegisterWrite(0x00AB0000, 0x00FF0000, 7)], seen);
        Assert.Equal(0u, file.Read(0, 4));
        Assert.Equal(7u, file[0]);
    }

    [Fact]
    public void Write_OneToClear_ClearsWrittenOnesOfItsLanes()
    {
        RegisterFile file = new RegisterFile(8).Add(0, reset: 0xFFFF, writeOneToClear: 0x0FFF);

        file.Write(0, 1, 0x0F);
        file.Write(0, 4, 0xF100);

        Assert.Equal(0xFEF0u, file[0]);
        file.Reset();
        Assert.Equal(0xFFFFu, file[0]);
    }

    [Theory]
    [InlineData(-1, 4)]
    [InlineData(8, 4)]
    [InlineData(int.MaxValue, 8)]
    [InlineData(int.MinValue, 2)]
    [InlineData(0, 3)]
    [InlineData(0, 0)]
    [InlineData(0, -4)]
    [InlineData(5, 8)]
    public void Access_OfAnyPlaceAndSize_NeverThrows(int offset, int size)
    {
        RegisterFile file = new RegisterFile(8).Add(0, writable: 0).Add(4, reset: 3);

        file.Write(offset, size, ulong.MaxValue);
        _ = file.Read(offset, size);

        Assert.Equal((0u, 3u), (file[0], file[4]));
    }

    [Fact]
    public void Read_OfTheUndefined_IsWhatTheFileSaysAndCounts()
    {
        var zeroes = new RegisterFile(16);
        RegisterFile ones = new RegisterFile(16, undefinedReadsOnes: true).Add(4, reset: 5);

        Assert.Equal(0ul, zeroes.Read(0, 8));
        Assert.Equal(0x0000_0005_FFFF_FFFFul, ones.Read(0, 8));
        Assert.Equal(0xFFul, ones.Read(3, 1));
        Assert.Equal((2, 2, 0), (zeroes.UndefinedAccesses, ones.UndefinedAccesses, ones.UnalignedAccesses));
        _ = ones.Read(3, 2);
        Assert.Equal(1, ones.UnalignedAccesses);
    }

    [Fact]
    public void Add_WrongDefinitions_AreRefused()
    {
        RegisterFile file = new RegisterFile(8).Add(0);

        Assert.Throws<ArgumentException>(() => file.Add(0));
        Assert.Throws<ArgumentException>(() => file.Add(4, writable: 3, writeOneToClear: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Add(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Add(8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RegisterFile(12));
        Assert.Throws<ArgumentException>(() => file[4] = 1);
    }

    [Fact]
    public void File_UnderAnySequenceOfAccesses_BehavesLikeBytesWithMasks()
    {
        Gen<(int Offset, int Size, bool IsWrite, ulong Value)> steps =
            from offset in Gen.Choose(-2, Length + 2)
            from size in Gen.Elements(1, 2, 4, 8)
            from isWrite in Gen.Elements(true, false)
            from low in Gen.Choose(int.MinValue, int.MaxValue)
            from high in Gen.Choose(int.MinValue, int.MaxValue)
            select (offset, size, isWrite, ((ulong)(uint)high << 32) | (uint)low);

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(500),
            Prop.ForAll(steps.ListOf().ToArbitrary(), operations => BehavesLikeBytes(operations)));
    }

    private static bool BehavesLikeBytes(IEnumerable<(int Offset, int Size, bool IsWrite, ulong Value)> operations)
    {
        var random = new Random(42);
        var file = new RegisterFile(Length);
        byte[] value = new byte[Length], writable = new byte[Length], clear = new byte[Length];
        for (int at = 0; at < Length; at += 4)
        {
            // Every fourth register is missing: its bytes are zero and without a writable bit.
            if (at % 16 == 12) continue;
            uint reset = (uint)random.NextInt64(), mask = (uint)random.NextInt64(), ones = (uint)random.NextInt64() & ~mask;
            file.Add(at, reset, mask, ones);
            for (int i = 0; i < 4; i++) (value[at + i], writable[at + i], clear[at + i]) = ((byte)(reset >> (8 * i)), (byte)(mask >> (8 * i)), (byte)(ones >> (8 * i)));
        }

        foreach ((int offset, int size, bool isWrite, ulong wanted) in operations)
        {
            if (isWrite) file.Write(offset, size, wanted);
            ulong expected = 0;
            for (int i = 0; i < size; i++)
            {
                int at = offset + i;
                if (at is < 0 or >= Length) continue;
                byte written = (byte)(wanted >> (8 * i));
                if (isWrite) value[at] = (byte)(((value[at] & ~writable[at]) | (written & writable[at])) & ~(written & clear[at]));
                expected |= (ulong)value[at] << (8 * i);
            }

            if (file.Read(offset, size) != expected) return false;
        }

        return true;
    }
}
