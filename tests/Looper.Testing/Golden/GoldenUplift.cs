using System.Text.Json.Nodes;
using Looper.Core.Causal;

namespace Looper.Testing.Golden;

/// <summary>Cases of a ranking judged by uplift.</summary>
internal static class GoldenUplift
{
    public static JsonObject Of(JsonNode golden)
    {
        var uplift = Uplift.Of(GoldenJson.Numbers(golden["score"]), [.. GoldenJson.Numbers(golden["w"]).Select(w => w == 1)], GoldenJson.Numbers(golden["y"]));
        return new()
        {
            ["own"] = new JsonObject
            {
                ["qini"] = uplift.Qini, ["auuc"] = uplift.Auuc, ["auuc_random"] = uplift.AuucOfChance, ["uplift_top30"] = uplift.Top30,
            },
        };
    }
}
