using Looper.InProcess;
using Looper.InProcess.Snapshots;
using Looper.Testing;

namespace Looper.Client.Tests.InProcess;

public sealed class KeptSnapshotTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Folder => _directory.File("kept");

    private string Kept => Path.Combine(Folder, Points.Banner + ".snapshot");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task R19_it_starts_without_Looper_from_what_an_earlier_process_kept_and_says_stale()
    {
        var bytes = Points.Bytes(Points.Choice);
        await using var deciding = new Deciding(bytes);
        await KeepAsync(deciding);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Kept));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Kept));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        }
        await using var looper = new InProcessLooper(deciding.Options(kept: Folder, url: await FaultyLooper.NowhereAsync()));
        Assert.True(await looper.IsReadyAsync());
        var decision = await looper.BannerAsync();
        Assert.Equal(("stale", 1, false), (decision.Reason, decision.BlueprintVersion!.Value, decision.IsFallback));
        Assert.Equal((true, true, null), (looper.State().IsDecidedHere, looper.State().IsStale, looper.State().Age));
        await looper.CloseAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_was_kept_is_fresh_once_Looper_says_that_it_is_current_and_is_not_sent_again()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await KeepAsync(deciding);
        var before = deciding.Refreshes.Count();
        await using var looper = new InProcessLooper(deciding.Options(kept: Folder));
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.State() is { IsDecidedHere: true, IsStale: false }));
        Assert.Contains("If-None-Match: \"", deciding.Refreshes.ElementAt(before).Head, StringComparison.Ordinal);
        Assert.Equal("explore", (await looper.BannerAsync()).Reason);
    }

    [Fact]
    public async Task A_kept_file_that_is_torn_or_of_another_is_not_used_and_that_is_said()
    {
        await using var deciding = new Deciding();
        Directory.CreateDirectory(Folder);
        var whole = Points.Bytes(Points.Choice);
        foreach (var bytes in new[] { whole[..(whole.Length / 2)], [], Points.Bytes(Points.Of(Points.Choice, key: "another")) })
        {
            await File.WriteAllBytesAsync(Kept, bytes);
            deciding.Problems.Clear();
            await using var looper = new InProcessLooper(deciding.Options(kept: Folder));
            Assert.False(await looper.IsReadyAsync());
            Assert.StartsWith("The snapshot of 'checkout-banner' that was kept is not used. The snapshot cannot be used: ", deciding.Problems[0].Message, StringComparison.Ordinal);
            Assert.Equal("d-1", (await looper.BannerAsync()).DecisionId);
        }
    }

    [Fact]
    public async Task The_same_bytes_sent_again_count_as_current_and_are_not_read_again()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        deciding.Snapshots = _ => new(200, "") { Data = Points.Bytes(Points.Choice) }; // as through something that drops the tag
        await using var looper = new InProcessLooper(deciding.Options(kept: Folder));
        Assert.True(await looper.IsReadyAsync());
        await Eventually.IsTrueAsync(() => Task.FromResult(File.Exists(Kept)));
        File.Delete(Kept);
        var before = deciding.Refreshes.Count();
        await Eventually.IsTrueAsync(() => Task.FromResult(deciding.Refreshes.Count() >= before + 3));
        Assert.False(File.Exists(Kept)); // it would have been written, had it been read
        Assert.False(looper.State().IsStale);
    }

    [Fact]
    public async Task What_Looper_takes_back_is_kept_no_longer()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await KeepAsync(deciding);
        deciding.Snapshots = _ => Deciding.Refused(403);
        await using (var looper = new InProcessLooper(deciding.Options(kept: Folder))) await Eventually.IsTrueAsync(() => Task.FromResult(looper.State().Problem is not null));
        Assert.False(File.Exists(Kept));
    }

    [Fact]
    public async Task One_process_writes_a_folder_and_another_decides_all_the_same_without_a_problem()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var first = new InProcessLooper(deciding.Options(kept: Folder));
        Assert.True(await first.IsReadyAsync());
        await Eventually.IsTrueAsync(() => Task.FromResult(File.Exists(Kept)));
        var kept = await File.ReadAllBytesAsync(Kept);
        await first.CloseAsync(); // its folder is then free for the third
        using var folder = new SnapshotFolder(Folder);
        Assert.Null(folder.Save("another", [1]));
        deciding.Bytes = Points.Bytes(Points.Choice, version: 2);
        await using var second = new InProcessLooper(deciding.Options(kept: Folder));
        await Eventually.IsTrueAsync(() => Task.FromResult(second.State() is { IsStale: false, BlueprintVersion: 2 }));
        var since = deciding.Refreshes.Count();
        await Eventually.IsTrueAsync(() => Task.FromResult(deciding.Refreshes.Count() > since));
        Assert.Equal((null, 2), (second.State().Problem, (await second.BannerAsync()).BlueprintVersion));
        Assert.Equal(kept, await File.ReadAllBytesAsync(Kept));
        Assert.Empty(deciding.Problems);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_said_once_and_costs_nothing()
    {
        await File.WriteAllTextAsync(Folder, "a file stands where the folder should be");
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options(kept: Folder));
        Assert.True(await looper.IsReadyAsync());
        Assert.False((await looper.BannerAsync()).IsFallback);
        deciding.Bytes = Points.Bytes(Points.Choice, version: 2);
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.State().BlueprintVersion == 2));
        await looper.CloseAsync();
        Assert.Equal(ProblemKind.Snapshot, Assert.Single(deciding.Problems).Kind);
    }

    [Fact]
    public void A_file_is_never_half_there_under_its_name()
    {
        using var folder = new SnapshotFolder(Folder);
        var (small, large) = (new byte[10], new byte[4_000_000]);
        Assert.Null(folder.Save(Points.Banner, small));
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < 20; i++) Assert.Null(folder.Save(Points.Banner, i % 2 == 0 ? large : small));
        });
        while (!writing.IsCompleted) Assert.Contains(folder.Read(Points.Banner, 5_000_000, out _)!.Length, new[] { small.Length, large.Length });
        Assert.Null(folder.Read(Points.Banner, 9, out var problem));
        Assert.EndsWith("10 bytes are too many.", problem, StringComparison.Ordinal);
    }

    private async Task KeepAsync(Deciding deciding)
    {
        await using var earlier = new InProcessLooper(deciding.Options(kept: Folder));
        Assert.True(await earlier.IsReadyAsync());
        await Eventually.IsTrueAsync(() => Task.FromResult(File.Exists(Kept)));
    }
}
