using Looper.InProcess;
using Looper.Testing;

namespace Looper.Client.Tests.InProcess;

public sealed class KilledDecidingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task R19_each_decision_that_was_answered_survives_kill_minus_nine_and_arrives_once()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        deciding.Looper.Answers = c => c.IsSnapshot ? deciding.Healthy(c) : Answer.Problem(503);
        var answered = await KilledAfterAsync(deciding.Looper.Url, lines: 2_345);
        deciding.Looper.Answers = deciding.Healthy;
        await using var looper = new InProcessLooper(deciding.Options(spool: _directory.Path));
        Assert.True(await looper.DeliversAsync());
        var has = deciding.Looper.Has.Where(h => h.Item["observationId"] is null).Select(h => h.Id).ToList();
        Assert.Equal(has.Count, has.Distinct().Count());
        Assert.Empty(answered.Except(has));
        Assert.InRange(has.Count, answered.Count, answered.Count + 1); // one may have been kept and not said yet
        var observed = deciding.Looper.Has.Where(h => h.Item["observationId"] is not null).Select(h => h.Item["decisionId"]!.GetValue<string>()).ToList();
        Assert.Empty(observed.Except(has));
        Assert.True(observed.Count >= answered.Count - 1);
    }

    private async Task<List<string>> KilledAfterAsync(string url, int lines)
    {
        using var product = DecidingProduct.Start(url, _directory.Path);
        var said = new List<string>();
        while (said.Count < lines && await product.StandardOutput.ReadLineAsync() is { } line) said.Add(line);
        product.Kill(); // SIGKILL, in the middle of whatever it does
        await product.WaitForExitAsync();
        while (await product.StandardOutput.ReadLineAsync() is { } line) said.Add(line);
        if (said[^1].Length < 36) said.RemoveAt(said.Count - 1); // cut short by the kill
        Assert.True(said.Count >= lines - 1);
        return said;
    }
}
