using Looper.Testing;
using static Looper.Client.Tests.DeliveryTests;

namespace Looper.Client.Tests;

/// <summary>R19: the product itself ends without a word.</summary>
public sealed class KilledProductTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task R19_what_was_taken_survives_kill_minus_nine_of_the_product()
    {
        await using var looper = new FaultyLooper { Answers = c => Answer.Problem(503) };
        var taken = await KilledAfterAsync(looper, count: 100_000, lines: 2_345);
        Assert.True(taken.Count >= 2_345);
        looper.Answers = Answer.Healthy;
        await using var client = Clients.Of(looper.Url, spool: _directory.Path);
        Assert.True(await client.DeliversAsync());
        var has = looper.Has.Select(h => Value(h.Item)).ToList();
        Assert.Empty(taken.Except(has));
        Assert.Equal(has.Count, looper.Has.Select(h => h.Id).Distinct().Count());
        Assert.Equal(has.Order(), has); // in order, with nothing left out
        Assert.Equal(has.Count, has[^1] + 1);
    }

    [Fact]
    public async Task R19_what_arrived_before_the_kill_arrives_again_under_the_same_id()
    {
        await using var looper = new FaultyLooper { Answers = c => Answer.Healthy(c).As(AnswerKind.Cut) };
        await KilledAfterAsync(looper, count: 5, lines: 6, until: () => !looper.Calls.IsEmpty);
        looper.Answers = Answer.Healthy;
        await using var client = Clients.Of(looper.Url, spool: _directory.Path);
        Assert.True(await client.DeliversAsync());
        var before = looper.Calls.First().Items.Select(i => i["observationId"]!.GetValue<string>()).ToArray();
        Assert.NotEmpty(before);
        Assert.Empty(before.Except(looper.Has.Select(h => h.Id)));
        Assert.Equal(5, looper.Has.Count);
    }

    [Fact]
    public async Task R19_on_a_full_disk_observations_are_kept_in_memory_and_the_product_goes_on()
    {
        await using var looper = new FaultyLooper();
        using var product = Product.Start(looper.Url, _directory.Path, 3_000, mostBlocks: 32); // as much as some 250 of them
        while (await product.StandardOutput.ReadLineAsync() is { } line && line != "all") { }
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.Has.Count >= 3_000));
        Assert.StartsWith("Observations are kept in memory only for now", await product.StandardError.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
        product.Kill();
        await product.WaitForExitAsync();
        Assert.Equal(Enumerable.Range(0, 3_000), looper.Has.Select(h => Value(h.Item)));
    }

    /// <returns>What it said was taken.</returns>
    private async Task<List<int>> KilledAfterAsync(FaultyLooper looper, int count, int lines, Func<bool>? until = null)
    {
        using var product = Product.Start(looper.Url, _directory.Path, count);
        var said = new List<string?>();
        while (said.Count < lines) said.Add(await product.StandardOutput.ReadLineAsync());
        if (until is not null) await Eventually.IsTrueAsync(() => Task.FromResult(until()));
        product.Kill(); // SIGKILL, in the middle of whatever it does
        await product.WaitForExitAsync();
        while (await product.StandardOutput.ReadLineAsync() is { } line) said.Add(line);
        return [.. said.Where(s => s is not null and not "all").Select(s => int.Parse(s!, System.Globalization.CultureInfo.InvariantCulture))];
    }
}
