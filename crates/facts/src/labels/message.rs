//! The texts of slmgr.vbs that matter, by the resource names that slmgr.ini gives them.

use model::LicenseStatus;

macro_rules! messages {
    ($( $name:ident = $resource:literal, $doc:literal; )*) => {
        /// A text of slmgr.vbs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Message {
            $( #[doc = $doc] $name, )*
        }

        impl Message {
            /// All of them.
            pub const ALL: &'static [Message] = &[ $( Message::$name, )* ];

            /// The name of the resource in slmgr.ini; groups of words have a name of our own.
            pub fn resource(self) -> &'static str {
                match self { $( Message::$name => $resource, )* }
            }

            /// The text with a resource name, letter case aside.
            pub fn from_resource(name: &str) -> Option<Message> {
                if !name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("l_msg")) {
                    return None;
                }
                $( if name.eq_ignore_ascii_case($resource) { return Some(Message::$name); } )*
                None
            }
        }
    };
}

messages! {
    ServiceVersion = "L_MsgServiceVersion", "Version of the licensing service.";
    Name = "L_MsgProductName", "Product and edition.";
    Description = "L_MsgProductDesc", "Product and channel.";
    AdditionalInformation = "L_MsgTkaInfoAdditionalInfo", "Note of a token licence.";
    ActivationId = "L_MsgActID", "Activation (SKU) id.";
    ApplicationId = "L_MsgAppID", "Application id.";
    ExtendedPid = "L_MsgPID4", "Extended PID.";
    KeyChannel = "L_MsgChannel", "Channel of the key.";
    InstallationId = "L_MsgInstallationID", "For telephone activation.";
    ProcessorUrl = "L_MsgProcessorCertUrl", "Activation service address.";
    MachineUrl = "L_MsgMachineCertUrl", "Activation service address.";
    UseLicenseUrl = "L_MsgUseLicenseCertUrl", "Activation service address.";
    KeyUrl = "L_MsgPKeyCertUrl", "Activation service address.";
    ValidationUrl = "L_MsgValidationUrl", "Validation service address.";
    PartialKey = "L_MsgPartialPKey", "Last five characters of the key.";
    NotInUse = "L_MsgErrorLicenseNotInUse", "No key is installed.";
    LicenseStatus = "L_Msg_Group_LicenseStatus", "Label of the licence state.";
    StatusUnlicensed = "L_MsgLicenseStatusUnlicensed_1", "State 0.";
    StatusLicensed = "L_MsgLicenseStatusLicensed_1", "State 1.";
    StatusInitialGrace = "L_MsgLicenseStatusInitialGrace_1", "State 2.";
    StatusAdditionalGrace = "L_MsgLicenseStatusAdditionalGrace_1", "State 3.";
    StatusNonGenuineGrace = "L_MsgLicenseStatusNonGenuineGrace_1", "State 4.";
    StatusNotification = "L_MsgLicenseStatusNotification_1", "State 5.";
    StatusExtendedGrace = "L_MsgLicenseStatusExtendedGrace_1", "State 6.";
    StatusUnknown = "L_MsgLicenseStatusUnknown", "A state that the script does not know.";
    VolumeExpiration = "L_MsgLicenseStatusVL_1", "Minutes and days of volume activation left.";
    TimebasedExpiration = "L_MsgLicenseStatusTBL_1", "Minutes and days of an evaluation left.";
    AvmaExpiration = "L_MsgLicenseStatusAVMA_1", "Minutes and days of automatic VM activation left.";
    TimeRemaining = "L_MsgLicenseStatusTimeRemaining", "Minutes and days of grace left.";
    NotificationReasonNonGenuine = "L_MsgNotificationErrorReasonNonGenuine", "Reason, non-genuine.";
    NotificationReasonExpired = "L_MsgNotificationErrorReasonExpiration", "Reason, grace time expired.";
    NotificationReason = "L_MsgNotificationErrorReasonOther", "Reason.";
    EvaluationEnd = "L_MsgLicenseStatusEvalEndData", "End of the evaluation.";
    WindowsRearm = "L_MsgRemainingWindowsRearmCount", "Rearms left.";
    AppRearm = "L_MsgRemainingAppRearmCount", "Rearms left for another application.";
    SkuRearm = "L_MsgRemainingSkuRearmCount", "Rearms left for the product.";
    TrustedTime = "L_MsgCurrentTrustedTime", "Clock of the licensing service.";
    ActivationType = "L_Msg_Group_ActivationType", "Label of the activation type.";
    ActivationTypeAll = "L_MsgVLActivationTypeAll", "Any type.";
    ActivationTypeAd = "L_MsgVLActivationTypeAD", "Active Directory.";
    ActivationTypeKms = "L_MsgVLActivationTypeKMS", "KMS.";
    ActivationTypeToken = "L_MsgVLActivationTypeToken", "Token.";
    PleaseActivate = "L_MsgPleaseActivateRefreshKMSInfo", "The client's block is hidden.";
    MostRecent = "L_MsgVLMostRecentActivationInfo", "Heading.";
    KmsInfo = "L_MsgKmsInfo", "Heading of the KMS client's block.";
    Cmid = "L_MsgCmid", "Client machine id.";
    LookupDomain = "L_MsgKmsLookupDomain", "Domain for SRV look-ups.";
    RegisteredName = "L_MsgRegisteredKmsName", "Fixed host.";
    NameFromDns = "L_MsgKmsFromDns", "Discovered host.";
    NameFromDnsUnavailable = "L_MsgKmsFromDnsUnavailable", "No host discovered.";
    KmsIp = "L_MsgKmsIpAddress", "Address of the host.";
    KmsIpUnavailable = "L_MsgKmsIpAddressUnavailable", "Address not known.";
    KmsPid = "L_MsgKmsPID4", "Extended PID of the host.";
    ActivationInterval = "L_MsgActivationInterval", "Retry interval.";
    RenewalInterval = "L_MsgRenewalInterval", "Renewal interval.";
    HostCachingEnabled = "L_MsgKmsHostCachingEnabled", "Caching on.";
    HostCachingDisabled = "L_MsgKmsHostCachingDisabled", "Caching off.";
    OverridesLookupDomain = "L_MsgKmsUseMachineNameOverrides", "Warning: the fixed host wins.";
    UsesMachineName = "L_MsgKmsUseMachineName", "Warning: a fixed host is set.";
    UsesLookupDomain = "L_MsgKmsUseLookupDomain", "Warning: a look-up domain is set.";
    HostEnabled = "L_MsgKmsEnabled", "Heading of the host's block.";
    CurrentCount = "L_MsgKmsCurrentCount", "Distinct clients.";
    ListeningPort = "L_MsgKmsListeningOnPort", "Port.";
    DnsPublishingEnabled = "L_MsgKmsDnsPublishingEnabled", "Publishing on.";
    DnsPublishingDisabled = "L_MsgKmsDnsPublishingDisabled", "Publishing off.";
    Priority = "L_Msg_Group_Priority", "Label of the priority.";
    PriorityNormal = "L_MsgKmsPriNormal", "Normal priority.";
    PriorityLow = "L_MsgKmsPriLow", "Low priority.";
    Cumulative = "L_MsgKmsCumulativeRequestsFromClients", "Heading of the counters.";
    TotalRequests = "L_MsgKmsTotalRequestsRecieved", "All requests.";
    FailedRequests = "L_MsgKmsFailedRequestsReceived", "Failed requests.";
    RequestsUnlicensed = "L_MsgKmsRequestsWithStatusUnlicensed", "Requests in state 0.";
    RequestsLicensed = "L_MsgKmsRequestsWithStatusLicensed", "Requests in state 1.";
    RequestsInitialGrace = "L_MsgKmsRequestsWithStatusInitialGrace", "Requests in state 2.";
    RequestsExpired = "L_MsgKmsRequestsWithStatusLicenseExpiredOrHwidOot", "Requests in state 3.";
    RequestsNonGenuine = "L_MsgKmsRequestsWithStatusNonGenuineGrace", "Requests in state 4.";
    RequestsNotification = "L_MsgKmsRequestsWithStatusNotification", "Requests in state 5.";
    AdInfo = "L_MsgADInfo", "Heading of the Active Directory block.";
    AdObjectName = "L_MsgADInfoAOName", "Activation object.";
    AdObjectDn = "L_MsgADInfoAODN", "Its distinguished name.";
    AdExtendedPid = "L_MsgADInfoExtendedPid", "Extended PID of the object's key.";
    AdActivationId = "L_MsgADInfoActID", "Activation id of the object's key.";
    AvmaInfo = "L_MsgAVMAInfo", "Heading of the automatic VM activation block.";
    AvmaGuestId = "L_MsgAVMAID", "Guest IAID.";
    AvmaHost = "L_MsgAVMAHostMachineName", "Host machine.";
    AvmaTime = "L_MsgAVMALastActTime", "Activation time.";
    AvmaHostPid = "L_MsgAVMAHostPid2", "Digital PID2 of the host.";
    TokenInfo = "L_MsgTkaInfo", "Heading of the token block.";
    TokenIlid = "L_MsgTkaInfoILID", "Licence id of a token licence.";
    TokenIlvid = "L_MsgTkaInfoILVID", "Version of a token licence.";
    TokenGrant = "L_MsgTkaInfoGrantNo", "Grant number of a token licence.";
    TokenThumbprint = "L_MsgTkaInfoThumbprint", "Certificate of a token licence.";
    Activating = "L_MsgActivating", "An attempt begins.";
    Activated = "L_MsgActivated", "An attempt succeeded.";
    ActivationFailed = "L_MsgActivated_Failed", "An attempt failed.";
    Error = "L_MsgErrorText_8", "Start of an error line.";
    ErrorHint = "L_MsgErrorText_6", "How to look up the error's text.";
    NonGenuineGrace = "L_MsgErrorText_11", "Text of an error without code.";
    NonGenuineNotification = "L_MsgErrorText_12", "Text of an error without code.";
    ProductNotFound = "L_MsgErrorProductNotFound", "No such product.";
    KeyNotFound = "L_MsgErrorPKey", "No key installed.";
    ConnectionError = "L_MsgErrorConnection", "No connection to another machine.";
    WmiError = "L_MsgErrorLocalWMI", "No connection to the local WMI provider.";
    XprUnlicensed = "L_MsgLicenseStatusUnlicensed", "/xpr, state 0.";
    XprVolume = "L_MsgLicenseStatusVL", "/xpr, volume activation.";
    XprTimebased = "L_MsgLicenseStatusTBL", "/xpr, evaluation.";
    XprAvma = "L_MsgLicenseStatusAVMA", "/xpr, automatic VM activation.";
    XprPermanent = "L_MsgLicenseStatusLicensed", "/xpr, permanent.";
    XprInitialGrace = "L_MsgLicenseStatusInitialGrace", "/xpr, state 2.";
    XprAdditionalGrace = "L_MsgLicenseStatusAdditionalGrace", "/xpr, state 3.";
    XprNonGenuineGrace = "L_MsgLicenseStatusNonGenuineGrace", "/xpr, state 4.";
    XprNotification = "L_MsgLicenseStatusNotification", "/xpr, state 5.";
    XprExtendedGrace = "L_MsgLicenseStatusExtendedGrace", "/xpr, state 6.";
    KeyInstalled = "L_MsgInstalledPKey", "/ipk.";
    KeyUninstalled = "L_MsgUninstalledPKey", "/upk.";
    KeyCleared = "L_MsgClearedPKey", "/cpky.";
    KmsNameSet = "L_MsgKmsNameSet", "/skms.";
    KmsNameCleared = "L_MsgKmsNameCleared", "/ckms.";
    LookupDomainSet = "L_MsgKmsLookupDomainSet", "/skms-domain.";
    LookupDomainCleared = "L_MsgKmsLookupDomainCleared", "/ckms-domain.";
    PrioritySetLow = "L_MsgKmsPriSetToLow", "/cpri.";
    PrioritySetNormal = "L_MsgKmsPriSetToNormal", "/spri.";
    PortSet = "L_MsgKmsPortSet", "/sprt.";
    RenewalSet = "L_MsgRenewalSet", "/sri.";
    ActivationSet = "L_MsgActivationSet", "/sai.";
    ActivationTypeSet = "L_MsgVLActivationTypeSet", "/act-type.";
    CommandCompleted = "L_MsgRearm_1", "/rearm.";
    PleaseRestart = "L_MsgRearm_2", "/rearm.";
    KmsRestartNeeded = "L_MsgWarningKmsReboot", "A host setting needs a restart.";
    LicenseFileInstalled = "L_MsgLicenseFile", "/ilc.";
    Reinstalling = "L_MsgReinstallingLicenses", "/rilc begins.";
    Reinstalled = "L_MsgLicensesReinstalled", "/rilc.";
    ConfirmationDeposited = "L_MsgConfID", "/atp.";
    Unrecognized = "L_MsgUnrecognizedOption", "Wrong option.";
    InvalidOptions = "L_MsgInvalidOptions", "Wrong options.";
    AccessDenied = "L_MsgError_80070005", "Not elevated.";
    OptionNeeds = "L_MsgErrorText_9", "An option without its parameter.";
    InvalidData = "L_MsgInvalidDataError", "A parameter that is none.";
    ActivationIdNotFound = "L_MsgErrorActivationID", "An activation id that no product has.";
    PriorityOfHosts = "L_MsgWarningKmsPri", "/spri or /cpri where there is no host.";
    PublishingOfHosts = "L_MsgKmsDnsPublishingWarning", "/sdns or /cdns where there is no host.";
    PortOfHosts = "L_MsgWarningKmsPort", "/sprt where there is no host.";
    RenewalOfHosts = "L_MsgWarningRenewal", "/sri where there is no host.";
    ActivationOfHosts = "L_MsgWarningActivation", "/sai where there is no host.";
}

impl Message {
    /// The label that a word of a few belongs to.
    pub fn group(self) -> Option<Message> {
        match self {
            Message::StatusUnknown => Some(Message::LicenseStatus),
            _ if self.license_status().is_some() => Some(Message::LicenseStatus),
            Message::ActivationTypeAll
            | Message::ActivationTypeAd
            | Message::ActivationTypeKms
            | Message::ActivationTypeToken => Some(Message::ActivationType),
            Message::PriorityNormal | Message::PriorityLow => Some(Message::Priority),
            _ => None,
        }
    }

    /// True for a label that has words of its own.
    pub fn is_group(self) -> bool {
        matches!(self, Message::LicenseStatus | Message::ActivationType | Message::Priority)
    }

    /// The licence state that a `License Status: ...` text names.
    pub fn license_status(self) -> Option<LicenseStatus> {
        Some(match self {
            Message::StatusUnlicensed => LicenseStatus::Unlicensed,
            Message::StatusLicensed => LicenseStatus::Licensed,
            Message::StatusInitialGrace => LicenseStatus::InitialGrace,
            Message::StatusAdditionalGrace => LicenseStatus::OutOfToleranceGrace,
            Message::StatusNonGenuineGrace => LicenseStatus::NonGenuineGrace,
            Message::StatusNotification => LicenseStatus::Notification,
            Message::StatusExtendedGrace => LicenseStatus::ExtendedGrace,
            _ => return None,
        })
    }
}
