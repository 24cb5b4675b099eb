using Looper.Core;
using Looper.Core.Access;
using Looper.Web.Api;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Access;

/// <summary>Here only while nobody has an account. The token comes in the address's fragment, which no server sees; a script puts
/// it into the field and clears the address.</summary>
public sealed partial class SetupPage
{
    private Refusal? _refusal;
    private bool _open;

    [CascadingParameter] public required HttpContext Http { get; set; }
    [SupplyParameterFromForm] public SetupForm? Form { get; set; }

    [Inject] public required FirstAccount First { get; init; }
    [Inject] public required AttemptLimits Limits { get; init; }
    [Inject] public required UserRing Users { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    protected override void OnInitialized()
    {
        _open = Users.IsEmpty;
        if (_open) return;
        // Not before the answer starts: the framework leaves out the content of a page that is missing by then.
        Http.Response.OnStarting(() =>
        {
            Http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    private async Task CreateAsync()
    {
        if (Form is not { Token: { } token, Email: { } email, Name: { } name, Password: { } password }) return;
        _refusal = Limits.Refuse(Http);
        if (_refusal is not null) return;
        var answered = await First.CreateAsync(token, email, name, password, Form.Installation, Http.RequestAborted);
        _refusal = answered.Refusal;
        if (_refusal is not null) return;
        await SignInApi.StartAsync(Http, answered.Value!, remember: false);
        Navigation.NavigateTo("/");
    }

    private string? Error(string field) => _refusal?.Field == field ? _refusal.Reason : null;

    private string? Mark(string field) => _refusal?.Field == field ? "has-error" : null;

    public sealed class SetupForm
    {
        public string? Token { get; set; }
        public string? Name { get; set; }
        public string? Email { get; set; }
        public string? Password { get; set; }
        public string? Installation { get; set; }
    }
}
