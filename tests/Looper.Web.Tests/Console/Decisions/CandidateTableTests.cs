using System.Collections.Immutable;
using Looper.Core.Decisions;
using Looper.Web.Console.Decisions;

namespace Looper.Web.Tests.Console.Decisions;

public sealed class CandidateTableTests
{
    [Fact]
    public async Task A_small_propensity_is_not_shown_as_none()
    {
        ImmutableArray<ServedCandidate> candidates = [new("a", 0, 1, 0.9999588, []), new("b", 1, 0.5, 0.0000412, [])];
        var html = await Rendering.OfAsync<CandidateTable>(parameters: [("Candidates", candidates)]);
        Assert.Contains("0.0000412", html, StringComparison.Ordinal);
    }
}
