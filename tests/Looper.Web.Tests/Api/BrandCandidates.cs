namespace Looper.Web.Tests.Api;

/// <summary>Four candidates of a brand each, as a call sends them: their order and their prices differ from call to call.</summary>
internal static class BrandCandidates
{
    private static readonly string[] s_brands = ["acme", "best", "core", "dora"];

    public static string Of(int call) => string.Join(',', s_brands.Select((_, k) => s_brands[(call + k) % s_brands.Length])
        .Select((brand, k) => $$$"""{"id":"{{{brand}}}-{{{call % 7}}}","features":{"brand":"{{{brand}}}","price":{{{(call * 7 + k * 3) % 20}}}}}"""));
}
