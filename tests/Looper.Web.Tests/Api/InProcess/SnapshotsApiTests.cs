using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api.InProcess;

public sealed class SnapshotsApiTests
{
    private const KeyScopes Both = KeyScopes.Decide | KeyScopes.Read;

    [Fact]
    public async Task It_is_named_by_its_content_and_sent_again_only_where_that_changed()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner);
        await app.PublishAsync("other", ServedApp.Banner);
        using var client = await app.WithKeyAsync(Both);
        using var first = await GetAsync(client, "banner");
        var body = await first.Content.ReadAsByteArrayAsync();
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body))}\"";
        Assert.Equal((tag, "no-store"), (first.Headers.ETag?.ToString(), first.Headers.CacheControl?.ToString()));
        Assert.Equal(body, await File.ReadAllBytesAsync(FileOf(app, tag)));

        foreach (var known in new[] { tag, $"\"other\", {tag}" })
        {
            using var again = await GetAsync(client, "banner", known);
            Assert.Equal((HttpStatusCode.NotModified, tag), (again.StatusCode, again.Headers.ETag?.ToString()));
            Assert.Empty(await again.Content.ReadAsByteArrayAsync());
        }
        await app.PublishAsync("other", ServedApp.Banner with { Default = "ten-percent" });
        using (var unchanged = await GetAsync(client, "banner", tag)) Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        await app.PublishAsync("banner", ServedApp.Banner with { Default = "ten-percent" });
        using var changed = await GetAsync(client, "banner", tag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(2, Assert.Single(SnapshotCodec.Read(await changed.Content.ReadAsByteArrayAsync()).Value!.Points).CurrentVersion);
        Assert.NotEqual(tag, changed.Headers.ETag?.ToString());
    }

    [Fact]
    public async Task A_key_needs_both_scopes_and_an_unknown_or_archived_decision_point_is_unknown()
    {
        await using var app = new LooperApp();
        var point = await app.PublishAsync("banner", ServedApp.Banner);
        foreach (var (scopes, missing) in new[] { (KeyScopes.Decide | KeyScopes.Observe, "read"), (KeyScopes.Read | KeyScopes.Manage, "decide") })
        {
            using var client = await app.WithKeyAsync(scopes);
            using var answer = await GetAsync(client, "banner");
            Assert.Contains($"the scope {missing}.", (string?)(await Problem.IsAsync(answer, HttpStatusCode.Forbidden, "access.denied"))["detail"], StringComparison.Ordinal);
        }
        using (var limited = await app.WithKeyAsync(KeyScopes.Decide, point))
        using (var answer = await GetAsync(limited, "banner"))
            Assert.Contains("limited", (string?)(await Problem.IsAsync(answer, HttpStatusCode.Forbidden, "access.denied"))["detail"], StringComparison.Ordinal);
        using var full = await app.WithKeyAsync(Both);
        using (var unknown = await GetAsync(full, "nowhere")) await Problem.IsAsync(unknown, HttpStatusCode.NotFound, "decision-point.unknown");
        await app.ChangeAsync("banner", p => p.IsPaused = true);
        using (var paused = await GetAsync(full, "banner")) Assert.Equal(HttpStatusCode.OK, paused.StatusCode);
        await app.ChangeAsync("banner", p => p.IsArchived = true);
        using (var archived = await GetAsync(full, "banner")) await Problem.IsAsync(archived, HttpStatusCode.NotFound, "decision-point.unknown");
    }

    [Fact]
    public async Task What_only_looper_can_decide_is_refused_with_the_reason_also_where_only_an_arm_is_such()
    {
        await using var app = new LooperApp();
        var looksBack = ServedApp.Banner with { Features = [.. ServedApp.Banner.Features, new("spent", FeatureKind.Number) { Derived = new HistoryDerivation("revenue", HistoryAggregate.Sum, TimeSpan.FromHours(1)) }] };
        await app.PublishAsync("pick", ServedApp.Banner with { Shape = DecisionShape.Pick, Options = [], Default = "as-sent", CandidateFeatures = [new("price", FeatureKind.Number)] });
        await app.PublishAsync("history", looksBack);
        await app.PublishAsync("durable", ServedApp.Banner with { Durable = true });
        await app.ForceAsync("unreadable", "{");
        await app.PublishAsync("arm", ServedApp.Banner with { Durable = true, Training = new() { IsOn = false } });
        await app.PublishAsync("arm", ServedApp.Banner with { Training = new() { IsOn = false } });
        using var client = await app.WithKeyAsync(Both);
        using (var before = await GetAsync(client, "arm")) Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await AsideShop.StartAsync(app, "arm", new { arms = new object[] { new { key = "now", weight = 0.5 }, new { key = "before", weight = 0.5, blueprintVersion = 1 } } });
        foreach (var (key, why) in new[] { ("pick", "candidates"), ("history", "'spent' of version 1"), ("durable", "Version 1 is durable"), ("unreadable", "no version that can be read"), ("arm", "Version 1 is durable") })
        {
            using var answer = await GetAsync(client, key);
            Assert.Contains(why, (string?)(await Problem.IsAsync(answer, HttpStatusCode.Conflict, "snapshot.not-in-process"))["detail"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_its_file_is_gone_damaged_or_could_not_be_written_it_is_whole_all_the_same()
    {
        await using var app = new LooperApp(new() { ["Looper:Serving:PollEvery"] = "00:30:00" });
        var point = await app.PublishAsync("banner", ServedApp.Banner);
        using var client = await app.WithKeyAsync(Both);
        using var first = await GetAsync(client, "banner");
        var (tag, body) = (first.Headers.ETag!.ToString(), await first.Content.ReadAsByteArrayAsync());
        File.Delete(FileOf(app, tag));
        using (var gone = await GetAsync(client, "banner")) Assert.Equal((tag, Convert.ToHexString(body)), (gone.Headers.ETag!.ToString(), Convert.ToHexString(await gone.Content.ReadAsByteArrayAsync())));

        // A folder stands where the next file would be written to.
        var next = ServedApp.Banner with { Default = "ten-percent" };
        var points = Path.Combine(app.DataDirectory, "snapshots", "points");
        Directory.Move(points, points + ".aside");
        await File.WriteAllTextAsync(points, "in the way");
        await app.PublishAsync("banner", next);
        using var unwritten = await GetAsync(client, "banner", tag);
        Assert.Equal(HttpStatusCode.OK, unwritten.StatusCode);
        Assert.Equal(2, Assert.Single(SnapshotCodec.Read(await unwritten.Content.ReadAsByteArrayAsync()).Value!.Points).CurrentVersion);
        using var known = await GetAsync(client, "banner", unwritten.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        File.Delete(points);
        Directory.Move(points + ".aside", points);
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        Assert.Equal(unwritten.Headers.ETag.ToString(), $"\"{app.Get<ServedSnapshots>().HashOf(point)}\"");
        Assert.True(File.Exists(FileOf(app, unwritten.Headers.ETag.ToString()))); // tried again, though nothing changed since

        await app.PublishAsync("banner", ServedApp.Banner with { Default = "free-shipping" });
        using var third = await GetAsync(client, "banner");
        tag = third.Headers.ETag!.ToString();
        await File.WriteAllBytesAsync(FileOf(app, tag), (await File.ReadAllBytesAsync(FileOf(app, tag)))[..100]);
        using var whole = await GetAsync(client, "banner");
        Assert.Equal(tag, whole.Headers.ETag!.ToString());
        Assert.Equal(3, Assert.Single(SnapshotCodec.Read(await whole.Content.ReadAsByteArrayAsync()).Value!.Points).CurrentVersion);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_holds_up_no_other_and_is_tried_again_itself()
    {
        await using var app = new LooperApp(new() { ["Looper:Serving:PollEvery"] = "00:30:00" });
        Guid first = await app.PublishAsync("first", ServedApp.Banner), second = await app.PublishAsync("second", ServedApp.Banner);
        var (served, refresher, points) = (app.Get<ServedSnapshots>(), app.Get<SnapshotRefresher>(), Path.Combine(app.DataDirectory, "snapshots", "points"));
        Directory.Move(points, points + ".aside");
        await File.WriteAllTextAsync(points, "in the way");
        foreach (var key in new[] { "first", "second" }) await app.PublishAsync(key, ServedApp.Banner with { Default = "ten-percent" });
        Assert.Equal((null, null), (served.HashOf(first), served.HashOf(second))); // neither is in a file
        var hash = (await served.ReadAsync(first, default))!.Value.Hash;
        File.Delete(points);
        Directory.Move(points + ".aside", points);

        var inTheWay = Directory.CreateDirectory(Path.Combine(points, $"{first:N}-{hash}.bin"));
        await refresher.RefreshAsync(default);
        Assert.Null(served.HashOf(first));
        Assert.NotNull(served.HashOf(second));
        inTheWay.Delete();
        await refresher.RefreshAsync(default);
        Assert.Equal(hash, served.HashOf(first));
    }

    [Fact]
    public async Task Whoever_downloads_the_same_at_once_is_given_the_same_bytes()
    {
        await using var app = new LooperApp(new() { ["Looper:Serving:PollEvery"] = "00:30:00" });
        var point = await app.PublishAsync("banner", ServedApp.Banner);
        var served = app.Get<ServedSnapshots>();
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => served.ReadAsync(point, default))));
        Assert.All(all, one => Assert.Same(ArrayOf(all[0]), ArrayOf(one)));
        foreach (var file in Directory.GetFiles(Path.Combine(app.DataDirectory, "snapshots", "points"))) File.Delete(file);
        Assert.Same(ArrayOf(all[0]), ArrayOf(await served.ReadAsync(point, default)));

        await app.PublishAsync("banner", ServedApp.Banner with { Default = "ten-percent" });
        var next = (await served.ReadAsync(point, default))!.Value;
        Assert.NotEqual(all[0]!.Value.Hash, next.Hash);
        Assert.Equal(next.Hash, PointFile.HashOf(next.Bytes.Span));
    }

    private static byte[] ArrayOf((string Hash, ReadOnlyMemory<byte> Bytes)? read) => MemoryMarshal.TryGetArray(read!.Value.Bytes, out var array) ? array.Array! : throw new InvalidOperationException("Not an array.");

    [Fact]
    public async Task While_looper_itself_serves_what_is_stale_nobody_is_told_that_it_is_fresh()
    {
        await using var app = new LooperApp(new() { ["Looper:Serving:PollEvery"] = "00:30:00" });
        await app.PublishAsync("banner", ServedApp.Banner);
        using var client = await app.WithKeyAsync(Both);
        using var first = await GetAsync(client, "banner");
        app.Get<DecisionEngine>().Publish(app.Get<DecisionEngine>().Current.Marked(isStale: true));
        using var stale = await GetAsync(client, "banner", first.Headers.ETag!.ToString());
        await Problem.IsAsync(stale, HttpStatusCode.ServiceUnavailable, "database.unavailable");
        Assert.NotNull(stale.Headers.RetryAfter);
    }

    private static async Task<HttpResponseMessage> GetAsync(HttpClient client, string key, string? known = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/snapshots/{key}");
        if (known is not null) request.Headers.TryAddWithoutValidation("If-None-Match", known);
        return await client.SendAsync(request);
    }

    private static string FileOf(LooperApp app, string tag) => Assert.Single(Directory.GetFiles(Path.Combine(app.DataDirectory, "snapshots", "points"), $"*-{tag.Trim('"')}.bin"));
}
