using Looper.Web.Console.Access;

namespace Looper.Web.Tests.Access;

public sealed class AuditTextTests
{
    [Theory]
    [InlineData(null, "—")]
    [InlineData("viewer", "viewer")]
    [InlineData("""{"experiment":"shop-banners","note":null}""", "experiment: shop-banners; note: —")]
    [InlineData("""{"arms":[{"key":"a","weight":0.16666666666666674},{"key":"b","on":true}],"units":1200000}""", "arms: [{key: a, weight: 0.166667}, {key: b, on: true}]; units: 1200000")]
    [InlineData("""{"does":"always {\u0022threshold\u0022:0.32}"}""", "does: always {\"threshold\":0.32}")]
    public void An_entry_reads_as_names_and_values(string? kept, string text) => Assert.Equal(text, AuditText.Of(kept));
}
