using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class SnapshotFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("looper-snapshots-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_saved_is_loaded_and_decides_the_same()
    {
        var source = Source(5);
        new SnapshotFiles(_folder).Save(source);
        var loaded = new SnapshotFiles(_folder).Load();
        Assert.Empty(loaded.Rejected);
        Assert.Equal(source.ReadAt, loaded.Source!.ReadAt);
        Assert.Equal(SnapshotCodec.Write(source), SnapshotCodec.Write(loaded.Source));
        var (before, after) = (ServingSnapshot.Compile(source), ServingSnapshot.Compile(loaded.Source));
        for (var i = 0; i < 100; i++)
        {
            var (one, other) = (Serve.Decide(before, $"user-{i}"), Serve.Decide(after, $"user-{i}"));
            Assert.Equal((one.Answer, one.Propensity, one.Arm, one.Reason), (other.Answer, other.Propensity, other.Arm, other.Reason));
        }
    }

    [Fact]
    public void Three_generations_are_kept()
    {
        var files = new SnapshotFiles(_folder);
        for (var i = 1; i <= 7; i++) files.Save(Source(i));
        Assert.Equal(["snapshot-00000005.bin", "snapshot-00000006.bin", "snapshot-00000007.bin"], Directory.EnumerateFiles(_folder).Select(Path.GetFileName).Order());
        Assert.Equal(7, files.Load().Source!.ReadAt.UtcTicks);
    }

    [Fact]
    public void R6_a_corrupt_snapshot_is_set_aside_and_the_last_good_one_is_used()
    {
        var files = new SnapshotFiles(_folder);
        files.Save(Source(1));
        files.Save(Source(2));
        var newest = Path.Combine(_folder, "snapshot-00000002.bin");
        File.WriteAllBytes(newest, File.ReadAllBytes(newest)[..^1]);
        var loaded = files.Load();
        Assert.Equal(1, loaded.Source!.ReadAt.UtcTicks);
        Assert.Equal(newest, Assert.Single(loaded.Rejected).File);
        Assert.True(File.Exists(newest + ".bad"));
        Assert.False(File.Exists(newest));
    }

    [Fact]
    public void R6_a_snapshot_with_a_corrupt_file_of_one_decision_point_is_set_aside_as_a_whole()
    {
        var files = new SnapshotFiles(_folder);
        files.Save(Source(1));
        files.Save(Source(2));
        var point = Path.Combine(_folder, "points", files.SavePoint(files.Load().Source!.Points[0], PointFile.NoPrint) is var file ? $"{file.Id:N}-{file.Hash}.bin" : "");
        var bytes = File.ReadAllBytes(point);
        bytes[^1] ^= 1;
        File.WriteAllBytes(point, bytes);
        var loaded = files.Load();
        Assert.Equal(1, loaded.Source!.ReadAt.UtcTicks);
        Assert.Equal([point, Path.Combine(_folder, "snapshot-00000002.bin")], loaded.Rejected.Select(r => r.File));
        Assert.True(File.Exists(point + ".bad"));
    }

    [Fact]
    public void R6_no_mutation_of_a_list_is_taken_for_one()
    {
        var files = new SnapshotFiles(_folder);
        files.Save(Source(1));
        var list = Path.Combine(_folder, "snapshot-00000001.bin");
        var good = File.ReadAllBytes(list);
        var random = new Looper.Core.Numerics.Philox(6, "R6 list");
        for (var i = 0; i < 100; i++)
        {
            var bytes = good.ToArray();
            var at = random.Below(bytes.Length);
            if (i % 2 == 0) bytes = bytes[..at];
            else bytes[at] ^= (byte)(1 << (i % 7));
            File.WriteAllBytes(list, bytes);
            Assert.Null(files.Load().Source);
        }
        File.WriteAllBytes(list, good);
        Assert.NotNull(files.Load().Source);
    }

    [Fact]
    public void A_change_to_one_decision_point_writes_its_file_and_a_list()
    {
        var files = new SnapshotFiles(_folder);
        var source = Source(1);
        files.Save(source);
        var before = Directory.EnumerateFiles(Path.Combine(_folder, "points")).ToHashSet();
        files.Save(source with { Points = [source.Points[0] with { IsPaused = true }, source.Points[1]] });
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_folder, "points")), f => !before.Contains(f));
        for (var i = 0; i < SnapshotFiles.Generations; i++) files.Save(source with { Points = [source.Points[1]] });
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_folder, "points")));
    }

    [Fact]
    public void R6_no_mutation_of_a_snapshot_is_taken_for_one_or_reads_past_it()
    {
        var good = SnapshotCodec.Write(Source(1));
        var random = new Looper.Core.Numerics.Philox(6, "R6 snapshot");
        const int n = 200;
        var failures = 0;
        for (var i = 0; i < n; i++)
        {
            var bytes = good.ToArray();
            var at = random.Below(bytes.Length);
            bytes = (i % 4) switch
            {
                0 => bytes[..at],
                1 => [.. bytes, 0],
                _ => bytes,
            };
            if (i % 4 >= 2) bytes[at] ^= (byte)(1 << (i % 8));
            if (SnapshotCodec.Read(bytes).Refusal?.Code != "snapshot.invalid") failures++;
        }
        Assert.True(failures == 0, $"id R6, seed 6, N {n}, failures {failures}, bound {3.0 / n:P1}");
    }

    [Fact]
    public void R6_a_claimed_length_is_not_believed_even_under_a_right_checksum()
    {
        var good = SnapshotCodec.Write(Source(1));
        for (var at = 52; at + 4 <= good.Length; at++)
        {
            var bytes = good.ToArray();
            BitConverter.TryWriteBytes(bytes.AsSpan(at), 2_000_000_000);
            System.Security.Cryptography.SHA256.HashData(bytes.AsSpan(52), bytes.AsSpan(20, 32));
            var before = GC.GetAllocatedBytesForCurrentThread();
            _ = SnapshotCodec.Read(bytes); // refused, or another text or number: never an exception
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        }
    }

    private static SnapshotSource Source(long ticks) => new(new(ticks, TimeSpan.Zero),
    [
        Serve.Point(Serve.Banner(new EpsilonGreedyPolicy(0.25)), experiments: Serve.Experiment(
            new("none", 0.5, "none", null, null), new("greedy", 0.3, null, new RandomPolicy { Weights = [1, 2, 3] }, null), new("now", 0.2, null, null, 1)))
            with { Versions = [new(1, DecisionShape.Choice, ["none", "ten-percent", "free-shipping"])] },
        Serve.Point(Serve.Banner(), "zweite-stelle") with { IsPaused = true, Models = [new(4, "purchase", new byte[] { 9, 8, 7 })], FormerOutcomes = [new("stars", OutcomeKind.Count)] },
    ]);
}
