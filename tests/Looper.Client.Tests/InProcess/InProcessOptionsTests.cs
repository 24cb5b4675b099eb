using Looper.InProcess;

namespace Looper.Client.Tests.InProcess;

public sealed class InProcessOptionsTests
{
    private static readonly LooperClientOptions s_client = new() { Url = "http://127.0.0.1:1", ApiKey = Clients.Key };

    [Fact]
    public void Options_that_cannot_work_throw_at_the_start_with_their_name()
    {
        Throws("DecisionPoints: none is named.", new() { Client = s_client });
        foreach (var key in new[] { "", "Banner", "../banner", "a/b", "a b", new string('a', 65), null })
            Throws($"DecisionPoints: '{key}' is no key of a decision point", new() { Client = s_client, DecisionPoints = ["checkout-banner", key!] });
        foreach (var every in new[] { TimeSpan.Zero, TimeSpan.FromMilliseconds(99), TimeSpan.FromHours(2) })
            Throws("RefreshEvery: this must be from 100 ms to an hour.", new() { Client = s_client, DecisionPoints = ["a"], RefreshEvery = every });
        foreach (var limit in new[] { 0, 10_000_001 }) Throws("DecisionLimit: this must be from 1 to 10,000,000.", new() { Client = s_client, DecisionPoints = ["a"], DecisionLimit = limit });
        foreach (var folder in new[] { " ", "a\0b" }) Throws("SnapshotDirectory: this is no name of a folder.", new() { Client = s_client, DecisionPoints = ["a"], SnapshotDirectory = folder });
        Throws("Client: this is missing.", null!);
        Throws("Budget: ", new() { Client = new() { Url = s_client.Url, ApiKey = Clients.Key, Budget = TimeSpan.Zero }, DecisionPoints = ["a"] });
    }

    [Fact]
    public async Task The_same_decision_point_named_twice_is_one()
    {
        await using var looper = new InProcessLooper(new() { Client = s_client, DecisionPoints = ["b", "a", "b"] });
        Assert.Equal(["a", "b"], looper.DecisionPoints.Select(p => p.DecisionPoint));
        await looper.CloseAsync(TimeSpan.Zero);
    }

    private static void Throws(string message, InProcessOptions options) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => new InProcessLooper(options)).Message, StringComparison.Ordinal);
}
