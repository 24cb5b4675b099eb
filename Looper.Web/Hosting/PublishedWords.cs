using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Web.Hosting;

/// <summary>What answers and observations need of a published version, whether it still serves or not.</summary>
/// <param name="Words">Null where it cannot be read.</param>
internal sealed record PublishedWords(VersionWords? Words, ImmutableArray<Outcome> Outcomes)
{
    public static PublishedWords Of(BlueprintSource blueprint)
    {
        try
        {
            var content = BlueprintJson.Stored(blueprint.Content);
            return new(AnswerSet.Of(content).Value is { } answers ? new(blueprint.Version, answers.Shape, answers.Options) : null, [.. content.Outcomes]);
        }
        catch (JsonException)
        {
            return new(null, []); // the snapshot says so at the version itself
        }
    }
}
