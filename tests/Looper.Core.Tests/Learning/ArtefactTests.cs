using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class ArtefactTests
{
    private static readonly DataSet s_data = Simulated.Binary(1_000);
    private static readonly TrainedPredictor s_trained = new(
        s_data.Columns, Simulated.Boost(s_data, new() { Rounds = 12 }), new IsotonicCalibration([0.1, 0.5, 0.9], [0.2, 0.5, 0.8]));
    private static readonly byte[] s_bytes = Artefact.Write(s_trained);

    [Fact]
    public void What_is_read_predicts_what_was_written_and_writes_the_same_bytes()
    {
        var read = Artefact.Read(s_bytes).Value!;
        Assert.Equal(s_data.Predictions(s_trained), s_data.Predictions(read));
        Assert.Equal(s_bytes, Artefact.Write(read));
        Assert.Equal(s_data.Columns[3].Categories, read.Columns[3].Categories);
    }

    [Fact]
    public void A_temperature_is_kept_and_a_senseless_one_refused()
    {
        var data = Simulated.Of(600, 8, 3, 0.1, (signal, _) => signal < 0 ? 0 : signal < 1 ? 1 : 2);
        var ensemble = Simulated.Boost(data, new() { Objective = Objective.Multiclass, Rounds = 3 });
        var bytes = Artefact.Write(new(data.Columns, ensemble, new TemperatureCalibration(0.5)));
        Assert.Equal(new TemperatureCalibration(0.5), Artefact.Read(bytes).Value!.Calibration);
        Assert.Equal("artefact.invalid", Artefact.Read(Artefact.Write(new(data.Columns, ensemble, new TemperatureCalibration(-1)))).Refusal!.Code);
    }

    [Fact]
    public void R6_every_flipped_bit_is_refused_with_a_reason()
    {
        var random = new Philox(1);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = (byte[])s_bytes.Clone();
            bytes[random.Below(bytes.Length)] ^= (byte)(1 << random.Below(8));
            Refused(bytes);
        }
    }

    [Fact]
    public void R6_a_file_cut_short_anywhere_is_refused()
    {
        for (var length = 0; length < s_bytes.Length; length += 1 + length / 50) Refused(s_bytes[..length]);
        Refused([.. s_bytes, 0]);
        Refused("{ \"model\": \"ours\" }"u8.ToArray());
        Refused(new byte[10_000]);
    }

    [Fact] // a forger can compute a checksum: what counts then are the bounds
    public void R6_mutations_under_a_right_checksum_are_refused_or_harmless()
    {
        var random = new Philox(2);
        var (refused, row, outputs) = (0, new double[8], new double[1]);
        var before = GC.GetTotalAllocatedBytes();
        for (var i = 0; i < 3_000; i++)
        {
            var bytes = (byte[])s_bytes.Clone();
            for (var k = 0; k <= i % 3; k++)
            {
                var at = 44 + random.Below(bytes.Length - 48);
                if (i % 2 == 0) bytes[at] = (byte)random.Below(256);
                else BitConverter.TryWriteBytes(bytes.AsSpan(at), random.Below(4) switch { 0 => int.MaxValue, 1 => -1, 2 => 0x7FF80000, _ => random.Below(70_000) });
            }
            System.Security.Cryptography.SHA256.HashData(bytes.AsSpan(44), bytes.AsSpan(12));
            var read = Artefact.Read(bytes);
            if (read.Refusal is { } refusal)
            {
                Assert.Equal("artefact.invalid", refusal.Code);
                refused++;
                continue;
            }
            if (read.Value!.Columns.Length != 8) continue;
            s_data.CopyRow(i % s_data.Rows, row);
            read.Value.Predict(row, outputs);
            Assert.False(double.IsNaN(outputs[0]));
        }
        Assert.InRange(refused, 1, 2_999);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 3_000L * 40 * s_bytes.Length);
    }

    private static void Refused(byte[] bytes)
    {
        var read = Artefact.Read(bytes);
        Assert.Null(read.Value);
        Assert.Equal("artefact.invalid", read.Refusal!.Code);
        Assert.StartsWith("The model cannot be read: ", read.Refusal.Reason);
    }
}
