using System.Text;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Serving;

/// <summary>What a row says is what was written into it, bit for bit, and rows of before numbers and texts were short still say what they said.</summary>
public sealed class ServedRowTests
{
    [Theory]
    [InlineData(0, 2), InlineData(1, 2), InlineData(-128, 2), InlineData(128, 3), InlineData(-32_768, 3), InlineData(32_768, 5), InlineData(int.MaxValue, 5)]
    [InlineData(0.5, 2), InlineData(83.5, 3), InlineData(-12.25, 3), InlineData(1234.56, 5), InlineData(0.1234, 3), InlineData(0.000001, 2), InlineData(2147.483647, 5)]
    [InlineData(2147483648.0, 9), InlineData(0.0000001, 9), InlineData(1.0 / 3, 9), InlineData(-0.0, 9), InlineData(double.NaN, 9), InlineData(double.PositiveInfinity, 9), InlineData(double.MaxValue, 9)]
    [InlineData(double.Epsilon, 9), InlineData(21474836.48, 9)]
    public void A_number_takes_as_few_bytes_as_give_it_back(double number, int bytes)
    {
        Assert.Equal(bytes, Write(number).Length);
        AssertGivenBack(number);
    }

    [Fact]
    public void Any_number_is_given_back_bit_for_bit()
    {
        var draw = new Philox(41);
        for (var i = 0; i < 100_000; i++)
        {
            AssertGivenBack(BitConverter.UInt64BitsToDouble(draw.NextUInt64())); // also those that are none
            AssertGivenBack(Math.Round((draw.Uniform() - 0.5) * Math.Pow(10, i % 12), i % 8));
            AssertGivenBack(Math.Round((draw.Uniform() - 0.5) * Math.Pow(10, i % 12)) / 1e3);
            AssertGivenBack(Math.BitIncrement(Math.Round((draw.Uniform() - 0.5) * 1e4) / 1e2)); // next to a decimal
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(127), InlineData(128), InlineData(129), InlineData(ServedRow.MaxTextBytes)]
    public void A_text_is_given_back(int length)
    {
        var text = new string('x', length);
        var row = new byte[3 + length];
        var written = ServedRow.WriteText(row, Encoding.UTF8.GetBytes(text));
        Assert.Equal(length + (length < 128 ? 1 : 3), written);
        var reader = new ServedRowReader(row.AsSpan(0, written));
        Assert.True(reader.Read());
        Assert.Equal((ServedKind.Text, text), (reader.Kind, reader.TextString));
        Assert.False(reader.Read());
    }

    [Fact]
    public void A_row_with_long_numbers_and_texts_is_read()
    {
        byte[] row = [1, 0, 0, 0, 0, 0, 0xE0, 0x54, 0x40, 4, 2, 0, (byte)'N', (byte)'L', 3, 0];
        var reader = new ServedRowReader(row);
        Assert.True(reader.Read());
        Assert.Equal((ServedKind.Number, 83.5), (reader.Kind, reader.Number));
        Assert.True(reader.Read());
        Assert.Equal((ServedKind.Text, "NL"), (reader.Kind, reader.TextString));
        Assert.True(reader.Read());
        Assert.Equal(ServedKind.True, reader.Kind);
        Assert.True(reader.Read());
        Assert.Equal(ServedKind.Missing, reader.Kind);
        Assert.False(reader.Read());
    }

    [Fact]
    public void In_full_a_row_is_what_it_was_before_numbers_and_texts_were_short()
    {
        byte[] full = [1, 0, 0, 0, 0, 0, 0xE0, 0x54, 0x40, 4, 2, 0, (byte)'N', (byte)'L', 3, 0, 6, 4, 0, 2, 0, 78, 76, 1, 0, 0, 0, 0, 0, 0, 0, 0x80], shorter = new byte[full.Length];
        var reader = new ServedRowReader(full);
        var length = 0;
        while (reader.Read()) length += ServedRow.Copy(reader, shorter.AsSpan(length));
        Assert.Equal(full.Length - 6 - 2, length); // −0 has no short form
        var again = new byte[ServedRow.InFullBytes(length)];
        Assert.Equal(full, again[..ServedRow.WriteInFull(shorter.AsSpan(0, length), again)]);
        Assert.Equal(full, again[..ServedRow.WriteInFull(full, again)]);
        byte[] least = [.. Write(0), 0x80];
        Assert.Equal(9 + 3, ServedRow.WriteInFull(least, new byte[ServedRow.InFullBytes(least.Length)]));
    }

    [Fact]
    public void Training_data_has_the_same_hash_whether_its_rows_were_written_long_or_short()
    {
        byte[] full = [1, 0, 0, 0, 0, 0, 0xE0, 0x54, 0x40, 4, 2, 0, (byte)'N', (byte)'L'], shorter = [.. Write(83.5), 0x82, (byte)'N', (byte)'L'], other = [.. Write(84), 0x82, (byte)'N', (byte)'L'];
        string HashOf(byte[] served)
        {
            var examples = new ExampleSet(1);
            examples.Add(Recorded.Decision("d-1"), served, [1.0]);
            return examples.HashText();
        }
        Assert.Equal(HashOf(full), HashOf(shorter));
        Assert.NotEqual(HashOf(full), HashOf(other));
    }

    [Fact]
    public void A_row_that_was_cut_is_refused()
    {
        foreach (var value in (byte[][])[Write(7), Write(83.5), Write(1234.56), Write(1.0 / 3), [0x82, 78, 76], [4, 2, 0, 78, 76], [6, 2, 0, 78, 76], [7, 4, 0, 1, 2, 3, 4]])
        {
            for (var length = 1; length < value.Length; length++)
            {
                var cut = value[..length];
                Assert.Throws<FormatException>(() => new ServedRowReader(cut).Read());
            }
        }
        for (var mark = 20; mark < 128; mark++) Assert.Throws<FormatException>(() => new ServedRowReader([(byte)mark, 0, 0, 0, 0, 0, 0, 0, 0]).Read());
    }

    private static void AssertGivenBack(double number)
    {
        var reader = new ServedRowReader(Write(number));
        Assert.True(reader.Read());
        Assert.Equal(BitConverter.DoubleToInt64Bits(number), BitConverter.DoubleToInt64Bits(reader.Number));
        Assert.False(reader.Read());
    }

    private static byte[] Write(double number)
    {
        var row = new byte[ServedRow.MaxNumberBytes];
        return row[..ServedRow.WriteNumber(row, number)];
    }
}
