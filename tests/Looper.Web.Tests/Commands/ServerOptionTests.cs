using System.CommandLine;
using Looper.Web.Commands;

namespace Looper.Web.Tests.Commands;

/// <summary>The address of the server that <c>import</c> and <c>replay</c> talk to.</summary>
[Collection("console")] // a command that is run writes there
public sealed class ServerOptionTests
{
    [Theory, InlineData("http://127.0.0.1:5987/"), InlineData("https://looper.example")]
    public void An_address_is_taken_as_given(string address) => Assert.Equal(new Uri(address), Parsed("--url", address).GetValue<Uri>("--url"));

    [Fact]
    public void Without_one_it_is_this_machine() => Assert.Equal(new Uri("http://127.0.0.1:5000"), Parsed().GetValue<Uri>("--url"));

    [Theory, InlineData("localhost"), InlineData("ftp://example.org"), InlineData("/tmp"), InlineData("")]
    public void What_is_no_address_is_refused_with_an_example(string text)
    {
        var fault = Assert.Single(Parsed("--url", text).Errors);
        Assert.Equal($"--url: '{text}' is not the address of a server. Give it whole, for example http://127.0.0.1:5000.", fault.Message);
    }

    [Theory, InlineData("import"), InlineData("replay")]
    public async Task The_commands_take_it(string command) => // and stop at what is missing next
        Assert.NotEqual(0, await CommandLine.RunAsync(
            [command, "--url", "http://127.0.0.1:9", "--decision-point", "p", "--option", "o", "--data", "/nowhere/at-all.csv"], _ => throw new InvalidOperationException()));

    private static ParseResult Parsed(params string[] arguments) => new RootCommand { ServerOption.Create() }.Parse(arguments);
}
