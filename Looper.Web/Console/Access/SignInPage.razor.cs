using Looper.Core;
using Looper.Core.Access;
using Looper.Web.Api;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Access;

/// <summary>A plain form: it works without a script, and a visitor opens no circuit.</summary>
public sealed partial class SignInPage
{
    private Refusal? _refusal;

    [CascadingParameter] public required HttpContext Http { get; set; }
    [SupplyParameterFromForm] public SignInForm? Form { get; set; }
    [SupplyParameterFromQuery(Name = "returnUrl")] public string? ReturnUrl { get; set; }

    [Inject] public required SignIns SignIns { get; init; }
    [Inject] public required AttemptLimits Limits { get; init; }
    [Inject] public required UserRing Users { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    protected override void OnInitialized()
    {
        if (Users.IsEmpty) Navigation.NavigateTo("/setup");
        else if (Http.User.Identity is { IsAuthenticated: true }) Navigation.NavigateTo(LocalAddress.Of(ReturnUrl));
    }

    private async Task SignInAsync()
    {
        if (Form is not { Email: { } email, Password: { } password }) return;
        _refusal = Limits.Refuse(Http, email);
        if (_refusal is not null) return;
        var answered = await SignIns.CheckAsync(email, password, Http.RequestAborted);
        _refusal = answered.Refusal;
        if (_refusal is not null) return;
        await SignInApi.StartAsync(Http, answered.Value!, Form.Remember);
        Navigation.NavigateTo(LocalAddress.Of(ReturnUrl));
    }

    public sealed class SignInForm
    {
        public string? Email { get; set; }
        public string? Password { get; set; }
        public bool Remember { get; set; }
    }
}
